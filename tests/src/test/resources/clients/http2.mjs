// Asks a server over HTTP/2 with Node's own client, and prints a line for each thing that it saw.
import http2 from 'node:http2';

const LARGE = 3_000_000;
const session = http2.connect(process.argv[2], {rejectUnauthorized: false});
session.on('error', error => { console.log('error ' + error.message); process.exit(1); });

function ask(headers, body, onStream = () => {}) {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers, {endStream: body === undefined});
    const pieces = [];
    const seen = {trailers: {}};
    stream.on('response', fields => { seen.fields = fields; });
    stream.on('headers', fields => { seen.interim = fields; });
    stream.on('trailers', fields => { seen.trailers = fields; });
    stream.on('data', piece => pieces.push(piece));
    stream.on('end', () => { seen.body = Buffer.concat(pieces); });
    stream.on('close', () => resolve({...seen, code: stream.rstCode}));
    stream.on('error', error => { if (stream.rstCode !== http2.constants.NGHTTP2_CANCEL) reject(error); });
    onStream(stream);
    if (body !== undefined) stream.end(body);
  });
}

const large = Buffer.alloc(LARGE, 'large ');
const echoed = await ask({':path': '/echo', ':method': 'POST'}, large);
console.log('echoed ' + echoed.body.equals(large));
const pieces = await ask({':path': '/pieces'});
console.log('pieces ' + pieces.body);
const hinted = await ask({':path': '/hints'});
console.log('hinted ' + hinted.interim?.[':status'] + ' ' + hinted.body);
const trailed = await ask({':path': '/trailers'});
console.log('trailers ' + trailed.trailers['x-sum'] + ' ' + trailed.body);
const head = await ask({':path': '/', ':method': 'HEAD'});
console.log('head ' + head.fields['content-length'] + ' ' + (head.body ?? '').length);
const cancelled = await ask({':path': '/never'}, undefined, stream =>
  setImmediate(() => stream.close(http2.constants.NGHTTP2_CANCEL)));
console.log('cancelled ' + cancelled.code);
let hellos = 0;
for (let round = 0; round < 10; round++) {
  const many = await Promise.all(Array.from({length: 100}, (_, i) => ask({':path': '/' + i})));
  hellos += many.filter(each => each.body.toString() === 'hello').length;
}
console.log('hellos ' + hellos);
await new Promise(resolve => session.close(resolve));
console.log('closed');
