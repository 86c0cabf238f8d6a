// Reads a document with AsyncAPI's own parser; prints what it has to say and the channels, as JSON.
// node asyncapi.cjs FOLDER-WITH-node_modules DOCUMENT
const { Parser, fromFile } = require(process.argv[2] + "/node_modules/@asyncapi/parser");

(async () => {
  const { document, diagnostics } = await fromFile(new Parser(), process.argv[3]).parse();
  const channels = document ? document.channels().all().map((channel) => channel.address()) : [];
  console.log(JSON.stringify({ channels, diagnostics }));
})();
