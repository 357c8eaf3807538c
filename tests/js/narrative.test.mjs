// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Drafts } from "../../src/regrow/web/interview/static/interview/drafts.js";
import { Narrative } from "../../src/regrow/web/interview/static/interview/narrative.js";
import { MemoryStorage } from "./memory_storage.mjs";

/** @import { NarrativeReply } from "../../src/regrow/web/interview/static/interview/replies.js" */
/** @import { StoredNarrative } from "../../src/regrow/web/interview/static/interview/types.js" */

const texts = {
  saving: "saving",
  saved: "all saved",
  recorded: "recorded",
  conflict: "two windows",
  signed_out: "signed out",
  not_saved: "not saved",
  offline: "no network",
  form_signed_out: "",
  form_offline: "",
};
/** @type {NarrativeReply} */
const AWAY = { kind: "unreachable" };

/**
 * The narrative of one section, and a clinic that answers with each of `replies` in turn.
 * @param {NarrativeReply[]} replies
 * @param {{storage?: Storage, stored?: StoredNarrative}} [page]
 */
function setUp(replies, { storage = new MemoryStorage(), stored = { text: "", saved: 0 } } = {}) {
  /** @type {{text: string, base: number, leaving: boolean}[]} */
  const sent = [];
  /** @type {string[]} */
  const said = [];
  /** @type {StoredNarrative[]} */
  const conflicts = [];
  const drafts = new Drafts(storage, "p1", "v1");
  const field = { value: stored.text };
  const narrative = new Narrative("life", field, stored.saved, {
    drafts,
    send: async ({ text, base }, leaving) => {
      sent.push({ text, base, leaving });
      return replies.shift() ?? AWAY;
    },
    say: (text) => void said.push(text),
    conflict: (_, other) => void conflicts.push(other),
    stored: () => void said.push(texts.saved),
    texts,
    delays: { save_ms: 1, retry_ms: 2 },
  });
  const type = (/** @type {string} */ text) => {
    field.value = text;
    narrative.edited();
  };
  return { narrative, field, drafts, storage, sent, said, conflicts, type };
}

/** @param {() => boolean} holds */
async function until(holds) {
  for (let n = 0; n < 400 && !holds(); n += 1) await pause(5);
  assert.ok(holds());
}

test("typed text is in this browser at once, and leaves it when the clinic has stored it", async () => {
  const { narrative, drafts, sent, said, type } = setUp([{ kind: "saved", saved: 1 }]);

  type("Lives alone.");
  assert.deepEqual(drafts.get("life"), { text: "Lives alone.", base: 0 });
  assert.ok(narrative.isUnsaved);
  await until(() => !narrative.isUnsaved);
  assert.deepEqual(sent, [{ text: "Lives alone.", base: 0, leaving: false }]);
  assert.equal(drafts.get("life"), null);
  assert.deepEqual(said, ["saving", "all saved"]);
});

test("without a network the draft stays, and is sent until the clinic has it", async () => {
  const { narrative, drafts, sent, said, type } = setUp([AWAY, AWAY, { kind: "saved", saved: 1 }]);

  type("Lives alone.");
  await until(() => !narrative.isUnsaved);
  assert.equal(sent.length, 3);
  assert.deepEqual(said, ["saving", "no network", "no network", "all saved"]);
  assert.equal(drafts.get("life"), null);
});

for (const [reply, shown] of /** @type {[NarrativeReply, string][]} */ ([
  [{ kind: "signed out" }, "signed out"],
  [{ kind: "refused", problem: "This visit has ended." }, "This visit has ended."],
  [{ kind: "refused", problem: "" }, "not saved"],
])) {
  test(`what the clinic does not store stays in this browser: ${shown}`, async () => {
    const { narrative, drafts, said, type } = setUp([reply, { kind: "saved", saved: 1 }]);

    type("Lives alone.");
    await narrative.save();
    assert.equal(said.at(-1), shown);
    assert.equal(drafts.get("life")?.text, "Lives alone.");
    assert.ok(narrative.isUnsaved);
    await until(() => !narrative.isUnsaved);
  });
}

test("what was typed while the first text was sent is sent after it, from its save", async () => {
  const { narrative, sent, type } = setUp([
    { kind: "saved", saved: 1 },
    { kind: "saved", saved: 2 },
  ]);

  type("Lives");
  const first = narrative.save();
  type("Lives alone.");
  await first;
  await until(() => !narrative.isUnsaved);
  assert.deepEqual(
    sent.map(({ text, base }) => [text, base]),
    [
      ["Lives", 0],
      ["Lives alone.", 1],
    ],
  );
});

test("after a save in another window nothing is sent until one text is chosen", async () => {
  const other = { text: "From the other.", saved: 4 };
  const { narrative, drafts, field, sent, said, conflicts, type } = setUp([
    { kind: "conflict", stored: other },
    { kind: "saved", saved: 5 },
  ]);

  type("Mine.");
  await narrative.save();
  type("Mine, longer.");
  await narrative.save();
  assert.deepEqual([conflicts, sent.length, said.at(-1)], [[other], 1, "two windows"]);
  assert.equal(drafts.get("life")?.text, "Mine, longer.");
  narrative.resolve(other, true);
  await until(() => !narrative.isUnsaved);
  assert.equal(field.value, "Mine, longer.\n\nFrom the other.");
  assert.deepEqual(sent.at(-1), { text: field.value, base: 4, leaving: false });
});

test("this text alone can stay", async () => {
  const { narrative, sent, type } = setUp([
    { kind: "conflict", stored: { text: "Other.", saved: 4 } },
    { kind: "saved", saved: 5 },
  ]);

  type("Mine.");
  await narrative.save();
  narrative.resolve({ text: "Other.", saved: 4 }, false);
  await until(() => !narrative.isUnsaved);
  assert.deepEqual(sent.at(-1), { text: "Mine.", base: 4, leaving: false });
});

test("a request made as the page closes outlives it", async () => {
  const { narrative, sent, type } = setUp([{ kind: "saved", saved: 1 }]);

  type("Lives alone.");
  await narrative.save({ leaving: true });
  assert.equal(sent[0].leaving, true);
});

test("a draft of a closed browser is taken up and sent", async () => {
  const storage = new MemoryStorage();
  new Drafts(storage, "p1", "v1").put("life", { text: "Lives alone.", base: 3 });
  const { narrative, field, sent } = setUp([{ kind: "saved", saved: 4 }], {
    storage,
    stored: { text: "Lives", saved: 3 },
  });

  narrative.restore();
  assert.equal(field.value, "Lives alone.");
  await until(() => !narrative.isUnsaved);
  assert.deepEqual(sent, [{ text: "Lives alone.", base: 3, leaving: false }]);
});

test("a draft of an older text than the clinic's is a conflict; one that equals it is dropped", () => {
  const storage = new MemoryStorage();
  const stored = { text: "Newer.", saved: 5 };
  const older = setUp([], { storage, stored });
  older.drafts.put("life", { text: "Older.", base: 3 });
  older.narrative.restore();
  assert.deepEqual([older.conflicts, older.field.value, older.sent], [[stored], "Older.", []]);

  older.drafts.put("life", { text: "Newer.", base: 3 });
  const equal = setUp([], { storage, stored });
  equal.narrative.restore();
  assert.deepEqual([equal.conflicts, equal.drafts.get("life")], [[], null]);
});
