// Signing in, with a password or through the identity provider.
import { api, field, form, h, problemPlace, show, valueOf } from "@common@";

const wanted = new URLSearchParams(location.search).get("return") ?? "";
// Only to pages of ours.
const returnTo = /^\/(?![/\\])[\x21-\x7e]*$/.test(wanted) ? wanted : new URL("account", location.href).pathname;
const { place, attempt } = problemPlace();
place.textContent = new URLSearchParams(location.hash.slice(1)).get("problem") ?? "";
history.replaceState(null, "", location.pathname + location.search);

const ways = await api("GET", "/sign-in");
const name = field("Name", { autocomplete: "username", required: true, autofocus: ways.provider === undefined });
const password = field("Password", { type: "password", autocomplete: "current-password", required: true });
const byPassword = form([name, password, h("button", { className: "main" }, "Sign in")], () => attempt(async () => {
  await api("POST", "/session", { name: valueOf(name), password: valueOf(password) });
  location.assign(returnTo);
}));
const byProvider = ways.provider === undefined ? null
  : h("p", {}, h("a", { className: "button main", href: `api/v1/sign-in/provider?return=${encodeURIComponent(returnTo)}` },
    `Sign in with ${ways.provider}`));
const passwords = ways.passwords ? byPassword
  : h("details", {}, h("summary", { className: "note" }, "The administrator's way in, when the provider is away"), byPassword);
const needed = (await api("GET", "/setup")).needed;
show("Sign in", place, byProvider, byProvider !== null && ways.passwords ? h("p", { className: "or" }, "or") : null,
  ...[passwords], ...(needed ? [h("p", { className: "note" }, "This server waits for whoever has its setup link: it is in the file setup-link of the data folder.")] : []));
document.getElementById("main").classList.add("narrow");
