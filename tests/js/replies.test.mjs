// @ts-check
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { formReply, narrativeReply } from "../../src/regrow/web/interview/static/interview/replies.js";

// Each address answers with a status, a type and a body.
/** @type {Record<string, [number, string, string]>} */
const ANSWERS = {
  "/saved": [200, "application/json", '{"saved": 3, "text": "mine"}'],
  "/conflict": [409, "application/json", '{"saved": 4, "text": "theirs"}'],
  "/ended": [409, "application/json", '{"problem": "This visit has ended."}'],
  "/signed-out": [401, "application/json", '{"problem": "Sign in to continue."}'],
  "/broken": [500, "text/html", "<h1>Server error</h1>"],
  "/unreadable": [400, "text/html", "<h1>Bad request</h1>"],
  "/page": [200, "text/html", "<h1>Intake visit</h1>"],
  "/page-with-errors": [422, "text/html", "<h1>Intake visit</h1>"],
  "/login/": [200, "text/html", "<h1>Sign in</h1>"],
};
const server = createServer((request, response) => {
  const path = request.url ?? "";
  if (path === "/to-sign-in") return response.writeHead(302, { Location: "/login/" }).end();
  const [status, type, body] = ANSWERS[path];
  response.writeHead(status, { "Content-Type": type }).end(body);
});
let origin = "";

before(async () => {
  await new Promise((listening) => server.listen(0, "127.0.0.1", () => listening(null)));
  const address = server.address();
  assert.ok(address && typeof address === "object");
  origin = `http://127.0.0.1:${address.port}`;
});
after(() => {
  server.close();
  server.closeAllConnections();
});

const NARRATIVE = /** @type {const} */ ([
  ["/saved", { kind: "saved", saved: 3 }],
  ["/conflict", { kind: "conflict", stored: { saved: 4, text: "theirs" } }],
  ["/ended", { kind: "refused", problem: "This visit has ended." }],
  ["/signed-out", { kind: "signed out" }],
  ["/to-sign-in", { kind: "signed out" }],
  ["/broken", { kind: "unreachable" }],
  ["/unreadable", { kind: "refused", problem: "" }],
  ["/page", { kind: "refused", problem: "" }],
]);
for (const [path, reply] of NARRATIVE) {
  test(`a narrative answered by ${path} is ${reply.kind}`, async () => {
    assert.deepEqual(await narrativeReply(await fetch(origin + path)), reply);
  });
}

const FORM = /** @type {const} */ ([
  ["/ended", { kind: "refused", problem: "This visit has ended." }],
  ["/signed-out", { kind: "refused", problem: "Sign in to continue." }],
  ["/to-sign-in", { kind: "signed out" }],
]);
for (const [path, reply] of FORM) {
  test(`a form answered by ${path} is ${reply.kind}`, async () => {
    assert.deepEqual(await formReply(await fetch(origin + path), "/login/"), reply);
  });
}

test("a form answered by a page shows it, saved or with errors", async () => {
  for (const [path, ok] of /** @type {[string, boolean][]} */ ([
    ["/page", true],
    ["/page-with-errors", false],
  ])) {
    const reply = await formReply(await fetch(origin + path), "/login/");
    assert.deepEqual(reply, { kind: "page", ok, address: origin + path, html: "<h1>Intake visit</h1>" });
  }
});

test("a request that never arrived is unreachable", async () => {
  assert.deepEqual(await narrativeReply(null), { kind: "unreachable" });
  assert.deepEqual(await formReply(null, "/login/"), { kind: "unreachable" });
});
