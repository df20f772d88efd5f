// People and what they may do, for those who administer the server or grant in folders.
import { all, api, check, choice, field, form, h, links, problemPlace, show, table, time, valueOf } from "@common@";

function usersPart(users) {
  const name = field("Name", { required: true });
  const fullName = field("Whole name");
  const password = field("First password", { type: "password", autocomplete: "new-password", minLength: 12 });
  const service = check("A program, which has tokens instead of a password");
  const made = h("div", { role: "status" });
  const { place, attempt } = problemPlace();
  const change = (user, what) => attempt(async () => { await api("PATCH", `/users/${encodeURIComponent(user.id)}`, what); await draw(); });
  const remove = (user) => attempt(async () => {
    if (!confirm(`Remove ${user.name}, with their sessions, tokens and grants?`)) return;
    await api("DELETE", `/users/${encodeURIComponent(user.id)}`);
    await draw();
  });
  const token = (user) => attempt(async () => {
    const permissions = (await api("GET", "/roles")).roles.find((role) => role.name === "editor").permissions;
    const answer = await api("POST", `/users/${encodeURIComponent(user.id)}/tokens`, { name: "for " + user.name, permissions });
    made.replaceChildren(h("p", {}, `A token of ${user.name}, which is shown only now:`), h("p", { className: "secret" }, answer.token));
  });
  const actions = (user) => [
    user.service ? h("button", { onclick: () => token(user) }, "Make a token")
      : h("button", { onclick: () => change(user, { administersServer: !user.administersServer }) }, user.administersServer ? "No administrator" : "Administrator"),
    h("button", { onclick: () => change(user, { disabled: !user.disabled }) }, user.disabled ? "Enable" : "Disable"),
    h("button", { className: "danger", onclick: () => remove(user) }, "Remove"),
  ];
  return h("section", {}, h("h2", {}, "People"), table(["Name", "Whole name", "", "Since", ""], users.map((user) => [
    user.name, user.fullName,
    [user.administersServer ? "administers the server" : "", user.service ? "a program" : "", user.disabled ? "disabled" : ""].filter(Boolean).join(", "),
    time(user.createdAt), h("span", {}, actions(user)),
  ])), made, form([h("div", { className: "row" }, name, fullName, password), service, place, h("button", { className: "main" }, "Make an account")],
    () => attempt(async () => {
      const body = { name: valueOf(name), fullName: valueOf(fullName), service: valueOf(service) };
      if (!body.service) body.password = valueOf(password);
      await api("POST", "/users", body);
      await draw();
    })));
}

function groupsPart(groups, users) {
  const name = field("Name", { required: true });
  const claim = field("Value of the provider's claim", { placeholder: "members by hand" });
  const { place, attempt } = problemPlace();
  const nameOf = (id) => users.find((user) => user.id === id)?.name ?? id;
  const put = (group, members) => attempt(async () => {
    await api("PUT", `/groups/${encodeURIComponent(group.id)}`, { name: group.name, claim: group.claim, members });
    await draw();
  });
  const remove = (group) => attempt(async () => { await api("DELETE", `/groups/${encodeURIComponent(group.id)}`); await draw(); });
  const adder = (group) => h("select", {
    ariaLabel: `Add to ${group.name}`, onchange: (event) => put(group, [...group.members, event.target.value]),
  }, h("option", { value: "" }, "Add…"), users.filter((user) => !group.members.includes(user.id)).map((user) => h("option", { value: user.id }, user.name)));
  return h("section", {}, h("h2", {}, "Groups"), groups.length === 0 ? null : table(["Name", "Members", "Claim", ""], groups.map((group) => [
    group.name,
    h("span", {}, group.members.map((id) => h("button", { title: "Take out", onclick: () => put(group, group.members.filter((one) => one !== id)) }, `${nameOf(id)} ×`))),
    group.claim, h("span", {}, adder(group), h("button", { className: "danger", onclick: () => remove(group) }, "Remove")),
  ])), form([h("div", { className: "row" }, name, claim), place, h("button", { className: "main" }, "Make a group")], () => attempt(async () => {
    await api("POST", "/groups", { name: valueOf(name), claim: valueOf(claim) });
    await draw();
  })));
}

function grantsPart(grants, users, groups, roles) {
  const whom = choice("To", [...users.map((user) => [`user:${user.id}`, user.name]), ...groups.map((group) => [`group:${group.id}`, `${group.name} (group)`])]);
  const role = choice("Role", roles.map((one) => [one.name, one.name]));
  const folder = field("Folder", { placeholder: "everywhere" });
  const flow = field("Only the flow", { placeholder: "all" });
  const { place, attempt } = problemPlace();
  const remove = (grant) => attempt(async () => { await api("DELETE", `/grants/${encodeURIComponent(grant.id)}`); await draw(); });
  return h("section", {}, h("h2", {}, "Roles in folders"), grants.length === 0 ? null : table(["Who", "Role", "Folder", "Flow", "Since", ""], grants.map((grant) => [
    grant.name, grant.role, grant.folder || "everywhere", grant.flow ?? "", time(grant.createdAt),
    h("button", { className: "danger", onclick: () => remove(grant) }, "Take away"),
  ])), users.length === 0 && groups.length === 0 ? place
    : form([h("div", { className: "row" }, whom, role, folder, flow), place, h("button", { className: "main" }, "Give the role")], () => attempt(async () => {
      const [kind, id] = valueOf(whom).split(":");
      const body = { [kind]: id, role: valueOf(role) };
      if (valueOf(flow) !== "") body.flow = valueOf(flow);
      if (valueOf(flow) === "" || valueOf(folder) !== "") body.folder = valueOf(folder);
      await api("POST", "/grants", body);
      await draw();
    })));
}

async function draw() {
  const me = await api("GET", "/me");
  links(me);
  const [{ roles }, grants] = await Promise.all([api("GET", "/roles"), all("/grants", "grants")]);
  if (!me.user.administersServer) {
    show("People", h("p", {}, "Only an administrator of the server sees all people; these are the roles in your folders."), grantsPart(grants, [], [], roles));
    return;
  }
  const [users, groups] = await Promise.all([all("/users", "users"), all("/groups", "groups")]);
  show("People", usersPart(users), groupsPart(groups, users), grantsPart(grants, users, groups, roles));
}

await draw();
