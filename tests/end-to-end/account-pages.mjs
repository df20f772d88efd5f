// A person at the pages about accounts, with Chromium: node account-pages.mjs ADDRESS CODE [FOLDER-FOR-PICTURES]
import assert from "node:assert/strict";
import { createRequire } from "node:module";

const { chromium } = createRequire(new URL("../../web/package.json", import.meta.url))("playwright-core");
const [address, code, pictures] = process.argv.slice(2);
const PASSWORD = "a password of a person", LATER = "another password later";

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium", headless: true, args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
});
const problems = [];

async function open(colorScheme = "light") {
  const context = await browser.newContext({ colorScheme, viewport: { width: 1000, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  // What the policy of the pages does not allow is told here, as is what a script throws.
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" && !/status of (401|403|409|422)/.test(message.text())) problems.push(message.text());
  });
  return page;
}
const picture = async (page, name) => pictures && page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true });
const fill = (page, label, text) => page.getByLabel(label, { exact: true }).fill(text);
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();

try {
  const root = await open();
  await root.goto(`${address}/setup#code=${code}`);
  await fill(root, "Name, by which you sign in", "root");
  await fill(root, "Your whole name", "Ruth Root");
  await fill(root, "Password, 12 characters at least", PASSWORD);
  await fill(root, "The password again", "something else");
  assert.ok(!root.url().includes(code), "the code is still in the address");
  await press(root, "Make the account");
  await root.getByText("The two passwords differ.").waitFor();
  await picture(root, "setup");
  await fill(root, "The password again", PASSWORD);
  await press(root, "Make the account");
  await root.getByRole("heading", { name: "Ruth Root" }).waitFor();
  await root.getByText("You administer this server.").waitFor();

  // A token, shown once, and revoked.
  await fill(root, "What for", "ci");
  await press(root, "Make a token");
  const token = await root.locator(".secret").textContent();
  assert.match(token, /^weir_pat_/);
  const asked = await fetch(`${address}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(asked.status, 200);
  await picture(root, "account");
  await root.reload();
  await root.getByText("everywhere").first().waitFor();
  assert.equal(await root.locator(".secret").count(), 0);
  await press(root, "Revoke");
  await root.getByRole("button", { name: "Revoke" }).waitFor({ state: "detached" });
  assert.equal((await fetch(`${address}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } })).status, 401);

  // People: an account, a group, a role.
  await root.getByRole("link", { name: "People" }).click();
  await root.getByLabel("Name").first().fill("anna");
  await fill(root, "Whole name", "<b>Anna</b>");
  await fill(root, "First password", PASSWORD);
  await press(root, "Make an account");
  await root.getByText("<b>Anna</b>").waitFor();
  const grant = root.locator("section", { hasText: "Roles in folders" }).locator("select");
  await grant.nth(0).selectOption({ label: "anna" });
  await grant.nth(1).selectOption("editor");
  await fill(root, "Folder", "team");
  await press(root, "Give the role");
  await root.getByRole("cell", { name: "team", exact: true }).waitFor();
  await picture(root, "people");

  // Anna comes in, is wrong once, sees what she may do, and changes her password; the other session ends.
  const anna = await open("dark");
  await anna.goto(`${address}/account`);
  await anna.waitForURL("**/sign-in?return=*");
  await fill(anna, "Name", "anna");
  await fill(anna, "Password", "wrong");
  await press(anna, "Sign in");
  await anna.getByText("do not belong together").waitFor();
  await picture(anna, "sign-in");
  await fill(anna, "Password", PASSWORD);
  await press(anna, "Sign in");
  await anna.getByRole("cell", { name: "team", exact: true }).waitFor();
  const again = await open();
  await again.goto(`${address}/sign-in`);
  await fill(again, "Name", "anna");
  await fill(again, "Password", PASSWORD);
  await press(again, "Sign in");
  await again.getByRole("button", { name: "End" }).waitFor();
  await fill(again, "The one of now", PASSWORD);
  await fill(again, "A new one, 12 characters at least", LATER);
  await press(again, "Change the password");
  await again.getByText("all your other sessions have ended").waitFor();
  await picture(again, "password");
  await anna.reload();
  await anna.waitForURL("**/sign-in?return=*");

  // The administrator disables her, and signs out.
  await root.getByRole("row", { name: "anna <b>Anna</b>" }).getByRole("button", { name: "Disable" }).click();
  await root.getByRole("button", { name: "Enable" }).waitFor();
  await again.reload();
  await again.waitForURL("**/sign-in?return=*");
  await press(root, "Sign out");
  await root.waitForURL("**/sign-in");
  await root.goto(`${address}/setup#code=${code}`);
  await root.getByText("administers it already").waitFor();
  assert.deepEqual(problems, []);
  console.log("all is well");
} finally {
  await browser.close();
}
