// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { Drafts } from "../../src/regrow/web/interview/static/interview/drafts.js";
import { MemoryStorage } from "./memory_storage.mjs";

test("a draft is read back by its section, and not in another visit or patient", () => {
  const storage = new MemoryStorage();
  new Drafts(storage, "p1", "v1").put("life", { text: "Lives alone.", base: 2 });

  assert.deepEqual(new Drafts(storage, "p1", "v1").get("life"), { text: "Lives alone.", base: 2 });
  assert.equal(new Drafts(storage, "p1", "v1").get("now"), null);
  assert.equal(new Drafts(storage, "p1", "v2").get("life"), null);
  assert.equal(new Drafts(storage, "p2", "v1").get("life"), null);
});

test("unsent text is that of this patient's other visits; it can be removed", () => {
  const storage = new MemoryStorage();
  new Drafts(storage, "p1", "v1").put("life", { text: "first visit", base: 0 });
  new Drafts(storage, "p1", "v2").put("life", { text: "second visit", base: 0 });
  new Drafts(storage, "p2", "v1").put("life", { text: "another patient", base: 0 });
  storage.setItem("fonts", "here");

  const texts = (/** @type {string | null} */ visit) => new Drafts(storage, "p1", visit).unsent().map((d) => d.text);
  assert.deepEqual(texts(null), ["first visit", "second visit"]);
  assert.deepEqual(texts("v2"), ["first visit"]);
  new Drafts(storage, "p1", "v2").unsent()[0].remove();
  assert.deepEqual(texts(null), ["second visit"]);
});

test("an entry of the storage that is not a draft does not stop the page", () => {
  const storage = new MemoryStorage();
  const drafts = new Drafts(storage, "p1", "v1");
  for (const text of ["{", "null", '"text"', "{}"]) {
    storage.setItem(drafts.key("life"), text);
    assert.equal(drafts.get("life"), null, text);
  }
});
