// My account: password, sessions, tokens, what I may do.
import { all, api, choice, field, form, h, links, problemPlace, show, table, time, valueOf } from "@common@";

async function passwordPart(me, ways) {
  if (!me.user.hasPassword) return null;
  const current = field("The one of now", { type: "password", autocomplete: "current-password", required: true });
  const password = field("A new one, 12 characters at least", { type: "password", autocomplete: "new-password", required: true, minLength: 12 });
  const done = h("p", { className: "note", role: "status" });
  const { place, attempt } = problemPlace();
  const part = form([current, password, place, done, h("button", { className: "main" }, "Change the password")], () => attempt(async () => {
    await api("PUT", "/me/password", { current: valueOf(current), password: valueOf(password) });
    part.reset();
    done.textContent = "It is changed, and all your other sessions have ended.";
  }));
  return h("section", {}, h("h2", {}, "Password"), part, ways.provider === undefined ? null : providerPart(me, ways));
}

function providerPart(me, ways) {
  const { place, attempt } = problemPlace();
  const linked = me.user.providers.length > 0;
  const go = async () => {
    if (linked) {
      await api("DELETE", "/me/provider");
      return draw();
    }
    location.assign((await api("POST", "/me/provider", { return: location.pathname })).location);
  };
  return h("div", {}, h("p", {}, linked ? `Linked with ${ways.provider}.` : `Not linked with ${ways.provider}.`), place,
    h("button", { type: "button", onclick: () => attempt(go) }, linked ? "Unlink" : "Link"));
}

async function sessionsPart() {
  const sessions = await all("/me/sessions", "sessions");
  const { place, attempt } = problemPlace();
  const end = (id) => attempt(async () => { await api("DELETE", `/me/sessions/${encodeURIComponent(id)}`); await draw(); });
  return h("section", {}, h("h2", {}, "Sessions"), place, table(["Since", "Last seen", "From", "Program", ""], sessions.map((one) => [
    time(one.createdAt), time(one.seenAt), one.address, one.client.slice(0, 60),
    one.current ? "this one" : h("button", { className: "danger", onclick: () => end(one.id) }, "End"),
  ])));
}

async function tokensPart(roles) {
  const tokens = await all("/tokens", "tokens");
  const name = field("What for", { required: true, placeholder: "ci" });
  const role = choice("May do what a … may", roles.map((one) => [one.name, one.name]));
  const folder = field("Only in this folder", { placeholder: "everywhere" });
  const days = field("Days", { type: "number", value: "90", min: 1, max: 366 });
  const { place, attempt } = problemPlace();
  const revoke = (id) => attempt(async () => { await api("DELETE", `/tokens/${encodeURIComponent(id)}`); await draw(); });
  const make = form([h("div", { className: "row" }, name, role, folder, days), place, h("button", { className: "main" }, "Make a token")],
    () => attempt(async () => {
      const { permissions } = roles.find((one) => one.name === valueOf(role));
      const folders = valueOf(folder) === "" ? [] : [valueOf(folder)];
      const { token } = await api("POST", "/tokens", { name: valueOf(name), permissions, folders, days: Number(valueOf(days)) });
      await draw();
      document.getElementById("made").replaceChildren(h("p", {}, "The token, which is shown only now:"), h("p", { className: "secret" }, token));
    }));
  return h("section", {}, h("h2", {}, "Tokens"), h("p", { className: "note" }, "For programs; they never do more than you may."),
    h("div", { id: "made", role: "status" }),
    tokens.length === 0 ? null : table(["Name", "May", "Where", "Until", "Used", ""], tokens.map((one) => [
      one.name, one.permissions.join(", "), one.folders.join(", ") || "everywhere", time(one.expiresAt), time(one.usedAt),
      h("button", { className: "danger", onclick: () => revoke(one.id) }, "Revoke"),
    ])), make);
}

function rightsPart(me) {
  const rows = me.grants.map((grant) => [grant.role, grant.folder || "everywhere", grant.flow ?? "", grant.group === undefined ? "" : grant.name]);
  return h("section", {}, h("h2", {}, "What you may do"),
    me.user.administersServer ? h("p", {}, "You administer this server.") : null,
    rows.length === 0 ? h("p", { className: "note" }, "You have no role in any folder yet; ask an administrator.")
      : table(["Role", "Folder", "Flow", "By the group"], rows));
}

async function draw() {
  const [me, ways, { roles }] = await Promise.all([api("GET", "/me"), api("GET", "/sign-in"), api("GET", "/roles")]);
  links(me);
  const password = await passwordPart(me, ways);
  show(me.user.fullName || me.user.name, h("p", {}, `Signed in as ${me.user.name}.`), rightsPart(me), ...[password].filter(Boolean),
    await sessionsPart(), await tokensPart(roles));
}

await draw();
