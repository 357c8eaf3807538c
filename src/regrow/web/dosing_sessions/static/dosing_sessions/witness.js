// The list follows what happens at the chairs, so that a witness never waits for a page to be loaded again.
const stream = new EventSource("/sessions/live/");
stream.onmessage = (message) => {
  const { event } = JSON.parse(message.data);
  if (!event || ["waste", "witness", "correction"].includes(event.kind)) location.reload();
};
