// Tests of the rules for passwords.
#include "service/auth/easy-password.h"

#include <doctest/doctest.h>

namespace weir::auth {

TEST_CASE("passwords that are tried first are found out, and others are not") {
  for (const char* easy :
       {"123456789012", "password1234", "passwordpassword", "P@ssw0rd!2026",    "qwertyuiop123",      "1q2w3e4r5t6y",
        "abcdefghijkl", "zxcvbnmasdfg", "111111111111",     "abababababab",     "letmeinletmein",     "Welcome12345",
        "changeme2026", "iloveyou1234", "administrator",    "annaannaanna",     "anna19901990",       "weirweir2026",
        "1qaz2wsx3edc", "summer2026!!", "987654321098",     "trustno1trustno1", "correcthorsebattery"}) {
    CAPTURE(easy);
    CHECK(isEasyPassword(easy, "anna"));
  }
  for (const char* good : {"long enough a password", "a password for tests", "kq7-Lm2x-9vTe", "blue kettle sings twice",
                           "der Wasserkessel pfeift", "пароль которого нет", "twelve characters or more"}) {
    CAPTURE(good);
    CHECK(!isEasyPassword(good, "anna"));
  }
}

}  // namespace weir::auth
