// What the start page says: which program this is, how it is, and where to go on.
#include "apps/cli/serve/start-page.h"

namespace weir::cli {

const std::string_view kStartPage = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Weir</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="@style@">
<script type="module" src="@script@"></script>
</head>
<body>
<header>
<svg width="26" height="20" viewBox="0 0 24 20" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" aria-hidden="true"><path d="M1 3h7c5 0 4 6 8 6h7"/><path d="M1 9h6c5 0 4 6 8 6h8" opacity=".65"/><path d="M1 15h5c3 0 3.500 3.500 6 3.500" opacity=".4"/></svg>
<b>Weir</b><span class="chip">@version@</span><span id="state" class="chip" role="status">asking the server…</span>
</header>
<main>
<h1>The service is here</h1>
<p>Flows, their versions and their runs are reached over HTTP.</p>
<nav>
<a href="account"><b>Your account</b><span>password, sessions and tokens; sign in or out</span></a>
<a href="docs"><b>The API, to read and try</b><span>every route with its parameters and answers</span></a>
<a href="api/v1/openapi.json"><b>OpenAPI 3.1</b><span>the same as a document, for programs</span></a>
<a href="capabilities"><b>Capabilities</b><span>node types, features and limits of this server</span></a>
</nav>
<h2>From a terminal</h2>
<pre id="commands">curl http://127.0.0.1:8080/api/v1/health
curl http://127.0.0.1:8080/api/v1/flows</pre>
</main>
</body>
</html>
)";

const std::string_view kStartStyle = R"(:root {
  --bg: #f3f5f7; --dots: #dce2e7; --panel: #fff; --line: #dde3e8; --line2: #8496a5; --text: #16202a; --mute: #4f5e6b;
  --water: #0a7870; --err: #bf2f26; --ok: #157244;
}
@media (prefers-color-scheme: dark) {
  :root {
    --bg: #0d1115; --dots: #1b232b; --panel: #12181e; --line: #26313c; --line2: #4d5d6c; --text: #e1e8ee; --mute: #a7b4c0;
    --water: #33c9bd; --err: #ff766b; --ok: #58cb8c;
  }
}
* { box-sizing: border-box; margin: 0 }
body {
  font: 15px/1.5 "Inter Variable", Inter, "DejaVu Sans", system-ui, sans-serif; color: var(--text); min-height: 100vh;
  background: radial-gradient(var(--dots) 1px, transparent 1.2px) 0 0 / 20px 20px var(--bg);
}
header {
  display: flex; align-items: center; gap: 12px; padding: 0 16px; height: 48px; background: var(--panel);
  border-bottom: 1px solid var(--line);
}
header svg { color: var(--water) }
.chip { border: 1px solid var(--line); border-radius: 99px; padding: 1px 10px; font-size: 13px; color: var(--mute) }
.chip.ok { color: var(--ok); border-color: var(--ok) }
.chip.bad { color: var(--err); border-color: var(--err) }
main { max-width: 760px; margin: 0 auto; padding: 48px 16px }
h1 { font-size: 26px; line-height: 1.2 }
h2 { font-size: 16px; margin: 36px 0 8px }
p { color: var(--mute); margin-top: 8px }
nav { display: grid; gap: 12px; margin-top: 24px }
nav a {
  display: grid; padding: 12px 16px; background: var(--panel); border: 1px solid var(--line2); border-radius: 8px;
  color: var(--mute); text-decoration: none;
}
nav a b { color: var(--text) }
nav a:hover, nav a:focus-visible { border-color: var(--water); outline: 2px solid var(--water); outline-offset: -1px }
pre {
  font: 13px/1.6 "JetBrains Mono Variable", "JetBrains Mono", "DejaVu Sans Mono", monospace; background: var(--panel);
  border: 1px solid var(--line); border-radius: 8px; padding: 12px 16px; overflow-x: auto;
}
)";

const std::string_view kStartScript = R"(const base = new URL(".", document.location.href).href.replace(/\/$/, "");
const commands = document.getElementById("commands");
commands.textContent = commands.textContent.replaceAll("http://127.0.0.1:8080", base);
const state = document.getElementById("state");
async function ask() {
  try {
    const answer = await fetch("api/v1/health", { cache: "no-store" });
    state.textContent = answer.ok ? "running" : `answers ${answer.status}`;
    state.className = answer.ok ? "chip ok" : "chip bad";
  } catch {
    state.textContent = "does not answer";
    state.className = "chip bad";
  }
}
await ask();
setInterval(ask, 5000);
)";

}  // namespace weir::cli
