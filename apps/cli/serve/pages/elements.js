// What the pages share: elements, requests to the API, the password once more, links to the other pages.

/** An element with properties, listeners (`onclick`) and children; texts are texts, never markup. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && name !== "list") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail ?? `the server answers with status ${status}`);
    this.status = status;
    this.code = problem.code ?? "";
  }
}

async function once(method, path, body) {
  let answer;
  try {
    answer = await fetch(`api/v1${path}`, {
      method, cache: "no-store", headers: body === undefined ? {} : { "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Refused(0, { detail: "The server does not answer; try again." });
  }
  const text = await answer.text();
  let given = null;
  try { given = text === "" ? null : JSON.parse(text); } catch { /* no answer of the API */ }
  if (!answer.ok) throw new Refused(answer.status, given ?? {});
  return given;
}

/** Asks the API. What needs the password once more asks for it and goes on; who has not signed in is sent to do so. */
export async function api(method, path, body) {
  try {
    return await once(method, path, body);
  } catch (refused) {
    if (refused.code === "auth.confirm" && await confirmed()) return once(method, path, body);
    if (refused.status === 401 && refused.code !== "auth.wrong") {
      location.assign(`sign-in?return=${encodeURIComponent(location.pathname)}`);
      return new Promise(() => {}); // the page is left
    }
    throw refused;
  }
}

/** The entries of a list that comes in pages, all of them; `member` is the list's name in an answer. */
export async function all(path, member) {
  const found = [];
  for (let next = ""; next !== undefined;) {
    const page = await api("GET", `${path}?limit=500${next === "" ? "" : `&cursor=${encodeURIComponent(next)}`}`);
    found.push(...page[member]);
    next = page.next;
  }
  return found;
}

async function confirmed() {
  const { user } = await once("GET", "/session");
  if (!user.hasPassword) {
    const { location: to } = await once("POST", "/session/confirm/provider", { return: location.pathname });
    location.assign(to);
    return false;
  }
  return new Promise((settle) => {
    const password = field("Your password, once more", { type: "password", autocomplete: "current-password", required: true });
    const problem = h("p", { className: "problem", role: "alert" });
    const dialog = h("dialog", {
      ariaLabel: "Your password, once more",
      onclose: () => { dialog.remove(); settle(dialog.returnValue === "yes"); },
    }, form([password, problem, h("div", { className: "row" }, h("button", { className: "main" }, "Go on"),
      h("button", { type: "button", onclick: () => dialog.close() }, "Cancel"))], async () => {
      try {
        await once("POST", "/session/confirm", { password: valueOf(password) });
        dialog.close("yes");
      } catch (refused) {
        problem.textContent = refused.message;
      }
    }));
    document.body.append(dialog);
    dialog.showModal();
  });
}

export function field(text, properties = {}) {
  return h("label", {}, text, h("input", { type: "text", ...properties }));
}
export function choice(text, options, properties = {}) {
  return h("label", {}, text, h("select", properties, options.map(([value, shown]) => h("option", { value }, shown))));
}
export function check(text, properties = {}) {
  return h("label", { className: "check" }, h("input", { type: "checkbox", ...properties }), text);
}
export function valueOf(label) {
  const input = label.querySelector("input, select");
  return input.type === "checkbox" ? input.checked : input.value;
}

/** A form that does something of ours when it is sent. */
export function form(children, send) {
  const element = h("form", {
    onsubmit: async (event) => {
      event.preventDefault();
      const button = element.querySelector("button");
      button.disabled = true;
      await send();
      button.disabled = false;
    },
  }, children);
  return element;
}

/** A place for what went wrong; `attempt` runs something and shows it there. */
export function problemPlace() {
  const place = h("p", { className: "problem", role: "alert" });
  const attempt = async (work) => {
    place.textContent = "";
    try {
      await work();
    } catch (refused) {
      place.textContent = refused.message;
    }
  };
  return { place, attempt };
}

export function table(heads, rows) {
  return h("div", { className: "wide" }, h("table", {}, h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))),
    h("tbody", {}, rows.map((cells) => h("tr", {}, cells.map((cell) => h("td", {}, cell)))))));
}

export function time(ms) {
  return ms === 0 ? "never" : new Date(ms).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
}

export function show(title, ...children) {
  const main = document.getElementById("main");
  main.replaceChildren(h("h1", {}, title), ...children.filter((child) => child !== null && child !== undefined));
  return main;
}

/** The links to the other pages, for who has signed in. */
export function links(me) {
  const link = (to, text) => {
    const anchor = h("a", { href: to }, text);
    if (location.pathname.endsWith(`/${to}`)) anchor.setAttribute("aria-current", "page");
    return anchor;
  };
  const mayGrant = me.user.administersServer || me.grants.some((grant) => grant.role === "admin");
  document.getElementById("links").replaceChildren(
    link("account", me.user.name), ...(mayGrant ? [link("people", "People")] : []),
    h("button", { onclick: async () => { await api("DELETE", "/session"); location.assign("sign-in"); } }, "Sign out"));
}
