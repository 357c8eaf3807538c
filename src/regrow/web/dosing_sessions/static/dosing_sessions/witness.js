// @ts-check
// The list of waste follows what is recorded at the chairs, so that a witness never has to reload the page.

const stream = new EventSource("/sessions/live/");
stream.onmessage = (/** @type {MessageEvent<string>} */ message) => {
  const { event } = JSON.parse(message.data);
  if (!event || ["waste", "witness", "correction"].includes(event.kind)) location.reload();
};
