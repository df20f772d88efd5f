// The first account of a server, by the setup link.
import { api, field, form, h, problemPlace, show, valueOf } from "@common@";

const code = new URLSearchParams(location.hash.slice(1)).get("code") ?? "";
// The code stays neither in the address bar nor in the history.
history.replaceState(null, "", location.pathname);

const { needed } = await api("GET", "/setup");
if (!needed) {
  show("This server is set up", h("p", {}, "Somebody administers it already. ", h("a", { href: "sign-in" }, "Sign in"), "."));
} else if (code === "") {
  show("The first account", h("p", {}, "Open the setup link that the server wrote when it was started: it is in the file ",
    h("code", {}, "setup-link"), " of its data folder, for an hour."));
} else {
  const name = field("Name, by which you sign in", { autocomplete: "username", required: true, autofocus: true });
  const fullName = field("Your whole name", { autocomplete: "name" });
  const password = field("Password, 12 characters at least", { type: "password", autocomplete: "new-password", required: true, minLength: 12 });
  const again = field("The password again", { type: "password", autocomplete: "new-password", required: true });
  const { place, attempt } = problemPlace();
  show("An account that administers this server", h("p", {}, "It may give rights to others. With the name of an account that is there, that one gets this password."),
    form([name, fullName, password, again, place, h("button", { className: "main" }, "Make the account")], () => attempt(async () => {
      if (valueOf(password) !== valueOf(again)) throw new Error("The two passwords differ.");
      await api("POST", "/setup", { code, name: valueOf(name), fullName: valueOf(fullName), password: valueOf(password) });
      location.assign("account");
    }))).classList.add("narrow");
}
