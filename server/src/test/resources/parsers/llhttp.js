// Reads requests with the parser inside of Node.js, llhttp: a line of hexadecimal digits in, a line of what it accepts out.
// A request is its line, fields, body, trailers, and 1 if its end was reached, with commas between; a semicolon ends it.
// The first line out is the parser's version, the second the methods it knows.
const { HTTPParser, methods } = require('_http_common');

const hex = (text) => Buffer.from(text, 'latin1').toString('hex');

function lines(flat) {
  const fields = [];
  for (let i = 0; i < flat.length; i += 2) {
    fields.push(hex(flat[i]) + ':' + hex(flat[i + 1]));
  }
  return fields.join(' ');
}

function read(input) {
  const parser = new HTTPParser();
  parser.initialize(HTTPParser.REQUEST, {}, 1 << 20, HTTPParser.kLenientNone);
  const requests = [];
  let request;
  // Of many fields some are told before the rest, with the target; trailers are told in this way only.
  let told = [];
  let toldTarget = '';
  parser[HTTPParser.kOnHeaders] = (fields, target) => {
    told.push(...fields);
    toldTarget += target;
  };
  parser[HTTPParser.kOnHeadersComplete] = (major, minor, fields, method, target) => {
    const line = methods[method] + ' ' + (target ?? toldTarget);
    request = { line, fields: told.concat(fields ?? []), body: '', trailers: [], isComplete: 0 };
    requests.push(request);
    told = [];
    toldTarget = '';
  };
  parser[HTTPParser.kOnBody] = (bytes) => {
    request.body += bytes.toString('latin1');
  };
  parser[HTTPParser.kOnMessageComplete] = () => {
    request.trailers = told;
    request.isComplete = 1;
    told = [];
    toldTarget = '';
  };
  parser.execute(input);
  return requests
    .map((it) => [hex(it.line), lines(it.fields), hex(it.body), lines(it.trailers), it.isComplete] + ';')
    .join('');
}

console.log(process.versions.llhttp);
console.log(methods.join(' '));
require('readline')
  .createInterface({ input: process.stdin })
  .on('line', (line) => process.stdout.write(read(Buffer.from(line, 'hex')) + '\n'));
