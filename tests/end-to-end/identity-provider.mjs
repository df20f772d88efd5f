// Identity providers for the tests of signing in: `real` is npm's oidc-provider, `false` one that says what it is told
// to say. Ends when its standard input does.
import { createHash, generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { createServer } from "node:http";
import { once } from "node:events";

const [kind, port, back, logout] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));

function newKey(kid) {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { kid, privateKey, publicJwk: { ...publicKey.export({ format: "jwk" }), kid, use: "sig", alg: "RS256" } };
}

async function listen(handler) {
  const server = createServer(handler);
  server.listen(Number(port), "127.0.0.1");
  await once(server, "listening");
  console.log("ready");
}

async function real() {
  const { Provider } = await import("oidc-provider");
  const key = newKey(randomUUID());
  const groups = JSON.parse(process.env.GROUPS_OF ?? "{}");
  const provider = new Provider(issuer, {
    clients: [{
      client_id: "weir", client_secret: "a secret: with/odd+chars & more", redirect_uris: [back], grant_types: ["authorization_code"],
      response_types: ["code"], require_auth_time: true, backchannel_logout_uri: logout, backchannel_logout_session_required: true,
    }],
    jwks: { keys: [{ ...key.privateKey.export({ format: "jwk" }), kid: key.kid, use: "sig", alg: "RS256" }] },
    cookies: { keys: [randomUUID()] },
    features: { backchannelLogout: { enabled: true }, devInteractions: { enabled: true } },
    claims: { openid: ["sub", "sid", "auth_time", "iss", "groups"], profile: ["preferred_username", "name"] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, preferred_username: id, name: `${id} of the provider`, groups: groups[id] ?? [] }),
    }),
  });
  await listen(provider.callback());
}

const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

async function lying() {
  const keys = [newKey("first")];
  const codes = new Map();
  let lies = {};
  let asked = 0;
  const now = () => Math.floor(Date.now() / 1000);
  const signed = (claims) => {
    const key = lies.hiddenKey ? newKey("hidden") : keys.at(-1);
    const head = { alg: lies.alg ?? "RS256", kid: lies.kid ?? key.kid, ...lies.head };
    const text = `${encode(head)}.${encode(claims)}`;
    const signature = head.alg === "none" ? "" : sign("RSA-SHA256", Buffer.from(text), key.privateKey).toString("base64url");
    return `${text}.${signature}`;
  };
  const description = () => ({
    issuer, authorization_endpoint: `${issuer}/auth`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks`,
    authorization_response_iss_parameter_supported: true, token_endpoint_auth_methods_supported: ["client_secret_basic"],
    code_challenge_methods_supported: ["S256"], ...lies.description,
  });
  const begin = (query) => {
    const code = randomUUID();
    codes.set(code, Object.fromEntries(query));
    const to = new URL(query.get("redirect_uri"));
    for (const [name, value] of Object.entries({ code, state: query.get("state"), iss: issuer, ...lies.answer })) {
      if (value !== null) to.searchParams.set(name, value);
    }
    return to.href;
  };
  const token = (form) => {
    const began = codes.get(form.get("code"));
    codes.delete(form.get("code"));
    const challenge = createHash("sha256").update(form.get("code_verifier") ?? "").digest("base64url");
    if (!began || challenge !== began.code_challenge) return [400, { error: "invalid_grant" }];
    const claims = {
      iss: issuer, aud: "weir", sub: "42", nonce: began.nonce, iat: now(), exp: now() + 300, auth_time: now(), sid: "s1", ...lies.claims,
    };
    return [200, { access_token: "x", token_type: "Bearer", id_token: lies.token ?? signed(claims) }];
  };
  await listen(async (request, response) => {
    let body = "";
    for await (const piece of request) body += piece;
    const url = new URL(request.url, issuer);
    const answer = (status, value) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    switch (url.pathname) {
      case "/.well-known/openid-configuration": return answer(lies.status ?? 200, description());
      case "/jwks": asked += 1; return answer(200, { keys: keys.map((key) => key.publicJwk) });
      case "/auth": return response.writeHead(302, { location: begin(url.searchParams) }).end();
      case "/token": return answer(...token(new URLSearchParams(body)));
      case "/lie": lies = JSON.parse(body); return answer(200, {});
      case "/rotate": keys.splice(0, keys.length, newKey(randomUUID())); return answer(200, {});
      case "/asked": return answer(200, asked);
      case "/logout-token": return answer(200, signed({
        iss: issuer, aud: "weir", iat: now(), exp: now() + 120, jti: randomUUID(),
        events: { "http://schemas.openid.net/event/backchannel-logout": {} }, ...JSON.parse(body),
      }));
      default: return answer(404, {});
    }
  });
}

await (kind === "real" ? real() : lying());
