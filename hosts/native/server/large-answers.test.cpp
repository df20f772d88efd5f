// Large answers: bounded in all and by client, and given back.
#include "hosts/native/server/large-answers.h"

#include <doctest/doctest.h>

using weir::native::LargeAnswers;

TEST_CASE("large answers have a bound in all and one for each client") {
  LargeAnswers answers(100, 60);
  CHECK(answers.take("ann", 50));
  CHECK_FALSE(answers.take("ann", 20));
  CHECK(answers.take("ben", 40));
  CHECK_FALSE(answers.take("cat", 30));
  answers.release("ann", 50);
  CHECK(answers.take("cat", 30));
  CHECK(answers.bytes() == 70);
  answers.release("ben", 40);
  answers.release("cat", 30);
  CHECK(answers.bytes() == 0);
  // One that is larger than the bound goes when nothing else waits.
  CHECK(answers.take("ann", 500));
  CHECK_FALSE(answers.take("ben", 1));
  answers.release("ann", 500);
  CHECK(answers.take("ben", 1));
}
