/**
 * Attacks that got past a public scanner of pickles, or that its own tests hold, rebuilt from their descriptions.
 * A scanner must know each bad name; this reader knows the good ones, so that each is refused for the same reason.
 *
 * Sources:
 *   GHSA-… (picklescan)  https://github.com/mmaitre314/picklescan/security/advisories/
 *   GHSA-… (fickling)    https://github.com/trailofbits/fickling/security/advisories/
 *   picklescan tests     https://github.com/mmaitre314/picklescan/tree/main/tests
 *   modelscan #89, #339  https://github.com/protectai/modelscan/issues/89, pull/339
 *   picklescan #52, #66  https://github.com/mmaitre314/picklescan/pull/52, issues/66
 *   cpython #154848      https://github.com/python/cpython/issues/154848
 *   nullifAI             ReversingLabs, February 2025: a 7z instead of a zip, and a pickle that breaks off
 *   JFrog                CVE-2025-10155 (wrong ending), 10156 (wrong CRC), 10157 (a submodule of a known module)
 *   CVE-2025-32434       torch.load with weights_only, by the old tar layout
 *   Trail of Bits        "Never a dill moment" and "Sleepy Pickle": code before and behind a right model
 *   PickleBall           arXiv 2508.15987: calls of what a library itself allows
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { WorkbenchError } from '../../../core/errors';
import { readCifarPython } from '../../../main/datasets/cifarPython';
import { openModel } from '../../../main/models/openModel';
import { figure } from '../../figures';
import { joined, testFolder, useTestFolder, written } from './files';
import * as p from './pickleAssembler';
import { type EntryClaim, zip } from './zipAssembler';

useTestFolder();

const MARKER = 'bnnw-was-here';
const shell = p.text(`touch ${MARKER}`);
const ascii = (text: string) => [...new TextEncoder().encode(text)];
const line = (text: string) => ascii(`${text}\n`);
const short = (text: string) => [0x8c, text.length, ...ascii(text)];
const POP = [0x30];
const OBJ = [0x6f];
const INST = [0x69];
const STACK_GLOBAL = [0x93];
const frame = (bytes: number) => [0x95, ...p.u64(bytes)];

/** Functions that run, read, write, connect or import, with who found that a scanner let them pass. */
const functions: [source: string, module: string, name: string][] = [
  ['picklescan tests', 'os', 'system'],
  ['picklescan tests', 'posix', 'system'],
  ['picklescan tests', 'nt', 'system'],
  ['picklescan tests', '__builtin__', 'eval'],
  ['picklescan tests', '__builtin__', 'exec'],
  ['picklescan tests', '__builtin__', 'compile'],
  ['picklescan tests', '__builtin__', 'apply'],
  ['picklescan tests', '__builtin__', 'getattr'],
  ['picklescan tests', 'builtins', 'eval'],
  ['picklescan tests', 'builtins', 'open'],
  ['picklescan tests', 'builtins', 'breakpoint'],
  ['picklescan tests', 'builtins', '__import__'],
  ['picklescan tests', 'subprocess', 'run'],
  ['picklescan tests', 'commands', 'getoutput'],
  ['picklescan tests', 'socket', 'create_connection'],
  ['picklescan tests', 'httplib', 'HTTPSConnection'],
  ['picklescan tests', 'requests.api', 'get'],
  ['picklescan tests', 'aiohttp.client', 'ClientSession'],
  ['picklescan tests', 'sys', 'exit'],
  ['picklescan tests', 'shutil', 'copyfile'],
  ['picklescan tests', 'runpy', '_run_code'],
  ['picklescan tests', 'timeit', 'timeit'],
  ['picklescan tests', 'webbrowser', 'open'],
  ['picklescan tests', 'bdb', 'Bdb.run'],
  ['picklescan tests', 'pdb', 'run'],
  ['picklescan tests', 'numpy.testing._private.utils', 'runstring'],
  ['picklescan tests', 'functools', 'partial'],
  ['picklescan tests', 'collections', 'Counter'],
  ['picklescan tests', '_io', 'FileIO'],
  ['picklescan tests', 'urllib.request', 'urlopen'],
  ['picklescan tests', 'logging', 'FileHandler'],
  ['picklescan tests', 'types', 'CodeType'],
  ['picklescan tests', 'cloudpickle.cloudpickle', '_make_function'],
  ['picklescan tests', 'cloudpickle.cloudpickle', '_builtin_type'],
  ['picklescan tests', 'cloudpickle.cloudpickle', 'subimport'],
  ['picklescan tests', 'ssl', 'get_server_certificate'],
  ['picklescan tests', 'torch.serialization', 'load'],
  ['picklescan tests', 'torch._inductor.codecache', 'compile_file'],
  ['picklescan #66', 'importlib', 'import_module'],
  ['picklescan #66', 'importlib.util', 'module_from_spec'],
  ['picklescan #74', 'marshal', 'loads'],
  ['GHSA-4r9r-ch6f-vxmx', 'torch.utils.bottleneck.__main__', 'run_cprofile'],
  ['GHSA-86cj-95qr-2p4f', 'torch._dynamo.guards', 'GuardBuilder.get'],
  ['GHSA-f4x7-rfwp-v3xw', 'torch.fx.experimental.symbolic_shapes', 'ShapeEnv.evaluate_guards_expression'],
  ['GHSA-4whj-rm5r-c2v8', 'torch.utils.bottleneck.__main__', 'run_autograd_prof'],
  ['GHSA-f745-w6jp-hpxx', 'torch.utils.collect_env', 'run'],
  ['GHSA-jhph-76pp-mggw', 'torch.utils.collect_env', 'run_and_read_all'],
  ['GHSA-h3qp-7fh3-f8h4', 'torch.utils.data.datapipes.utils.decoder', 'basichandlers'],
  ['GHSA-vr7h-p6mm-wpmh', 'torch.jit.unsupported_tensor_ops', 'execWrapper'],
  ['GHSA-vv6j-3g6g-2pvj', 'torch.utils._config_module', 'ConfigModule.load_config'],
  ['GHSA-5qwp-399c-mjwf', 'trace', 'Trace.run'],
  ['GHSA-g344-hcph-8vgg', 'trace', 'Trace.runctx'],
  ['GHSA-x696-vm39-cp64', 'profile', 'Profile.run'],
  ['GHSA-6vqj-c2q5-j97w', 'profile', 'Profile.runctx'],
  ['GHSA-7wx9-6375-f5wh', 'profile', 'run'],
  ['GHSA-f54q-57x4-jg88', 'lib2to3.pgen2.grammar', 'Grammar.loads'],
  ['GHSA-p9w7-82w4-7q8m', 'lib2to3.pgen2.pgen', 'ParserGenerator.make_label'],
  ['GHSA-3vg9-h568-4w9m', 'idlelib.debugobj', 'ObjectTreeItem.SetText'],
  ['GHSA-6w4w-5w54-rjvr', 'idlelib.autocomplete', 'AutoComplete.get_entity'],
  ['GHSA-7cq8-mj8x-j263', 'idlelib.autocomplete', 'AutoComplete.fetch_completions'],
  ['GHSA-8r4j-24qv-fmq9', 'idlelib.calltip', 'Calltip.fetch_tip'],
  ['GHSA-9xph-j2h6-g47v', 'idlelib.calltip', 'get_entity'],
  ['GHSA-m869-42cg-3xwr', 'idlelib.run', 'Executive.runcode'],
  ['GHSA-3gf5-cxq9-w223', 'idlelib.pyshell', 'ModifiedInterpreter.runcode'],
  ['GHSA-j343-8v2j-ff7w', 'idlelib.pyshell', 'ModifiedInterpreter.runcommand'],
  ['GHSA-cj3c-v495-4xqh', 'code', 'InteractiveInterpreter.runcode'],
  ['GHSA-xp4f-hrf8-rxw7', 'ensurepip', '_run_pip'],
  ['GHSA-fqq6-7vqf-w3fg', 'doctest', 'debug_script'],
  ['GHSA-49gj-c84q-6qm9', 'cProfile', 'run'],
  ['GHSA-9w88-8rmg-7g2p', 'cProfile', 'runctx'],
  ['GHSA-m273-6v24-x4m4', 'distutils.file_util', 'write_file'],
  ['GHSA-4675-36f9-wf6r', 'ctypes', 'CDLL'],
  ['GHSA-84r2-jw7c-4r5q', 'pydoc', 'locate'],
  ['GHSA-84r2-jw7c-4r5q', 'operator', 'methodcaller'],
  ['GHSA-vqmv-47xg-9wpr', 'pty', 'spawn'],
  ['GHSA-r8g5-cgf2-4m4m', 'numpy.f2py.crackfortran', 'getlincoef'],
  ['GHSA-955r-x9j8-7rhh', '_operator', 'methodcaller'],
  ['GHSA-46h3-79wf-xr6c', '_operator', 'attrgetter'],
  ['GHSA-vvpj-8cmc-gx39', 'pkgutil', 'resolve_name'],
  ['GHSA-g38g-8gr9-h9xp', 'uuid', '_get_command_stdout'],
  ['GHSA-g38g-8gr9-h9xp', '_osx_support', '_read_output'],
  ['GHSA-g38g-8gr9-h9xp', '_aix_support', '_read_cmd_output'],
  ['GHSA-g38g-8gr9-h9xp', 'imaplib', 'IMAP4_stream'],
  ['GHSA-g38g-8gr9-h9xp', '_pyrepl.pager', 'pipe_pager'],
  ['GHSA-g38g-8gr9-h9xp', 'test.support.script_helper', 'assert_python_ok'],
  ['GHSA-q77w-mwjj-7mqx, JFrog', 'asyncio.unix_events', '_UnixSubprocessTransport._start'],
  ['GHSA-q5qq-mvfm-j35x (fickling)', 'multiprocessing.util', 'spawnv_passfds'],
  ['GHSA-6ggj-6f2q-f7mx (fickling)', '_interpreters', 'create'],
  ['GHSA-cffv-grgg-g429 (fickling)', 'torch.hub', 'load'],
  ['GHSA-5j3x-jp52-966f (fickling)', 'pathlib', 'os.system'],
  ['GHSA-h4rm-mm56-xf63 (fickling)', 'builtins', '__dict__'],
  ['modelscan #339', 'signal', 'raise_signal'],
  ['modelscan #339', 'http.client', 'HTTPConnection'],
  ['modelscan #89', 'numpy', '__builtins__'],
  ['modelscan #89', 'numpy', 'core._internal.sys.modules'],
  ['modelscan #89', 'builtins', 'dict.get'],
  ['PickleBall', 'torch.jit._pickle', 'build_intlist'],
  ['PickleBall', 'torch.nn.modules.container', 'Sequential'],
  ['PickleBall', 'numpy.core.multiarray', '_reconstruct'],
  ['PickleBall', 'copyreg', '_reconstructor'],
  ['PickleBall', '_codecs', 'encode'],
];

/** Streams that a scanner and Python's own machine read differently, or that hide what they call. */
const streams: [source: string, what: string, object: Uint8Array | number[]][] = [
  [
    'GHSA-mxhj-88fx-4pcv (fickling)',
    'a call whose result is dropped',
    joined(p.MARK, short('smtplib'), short('SMTP'), STACK_GLOBAL, short('127.0.0.1'), OBJ, POP, p.NONE),
  ],
  ['GHSA-r7v6-mfhq-g3m2 (fickling)', 'INST', joined(p.MARK, shell, INST, line('pty'), line('spawn'))],
  ['fickling #108', 'OBJ of a global', joined(p.MARK, p.global('pty', 'spawn'), shell, OBJ)],
  [
    'picklescan #52',
    'a name by a memo that is not there',
    joined(short('unknown'), [0x94], [0x68, 99], short('system'), STACK_GLOBAL),
  ],
  [
    'picklescan #52',
    'a number where the module should be',
    joined([0x4b, 42], [0x94], short('os'), STACK_GLOBAL, POP, p.call(p.global('os', 'system'), shell)),
  ],
  [
    'picklescan #52',
    'names from the memo',
    joined(short('os'), [0x94], POP, short('system'), [0x94], POP, [0x68, 0, 0x68, 1], STACK_GLOBAL),
  ],
  ['picklescan tests', 'bytes that are no UTF-8 in a name', [0x63, ...line('mod'), 0xf8, 0x0a]],
  [
    'picklescan tests',
    'sys.modules put in another place',
    joined(p.global('sys', 'modules'), p.MARK, p.text('sys'), p.global('sys', 'modules'), p.SETITEMS),
  ],
  [
    'modelscan #89',
    'an attribute set by BUILD on a known function',
    joined(p.global('torch._utils', '_rebuild_tensor_v2'), p.NONE, p.EMPTY_DICT, [0x86], p.BUILD),
  ],
  [
    'cpython #154848',
    'an opcode that leaves its frame',
    joined(frame(2), [0x42, ...p.u32(0x107)], Buffer.alloc(0x107, 0x4e)),
  ],
  ['cpython #154848', 'a name that leaves its frame', joined(frame(4), p.global('os', 'system'))],
  ['cpython #154848', 'a frame in a frame', joined(frame(30), p.NONE, frame(2), p.NONE)],
  [
    'nullifAI',
    'a pickle that breaks off behind the call',
    joined(p.call(p.global('os', 'system'), shell), [0xff]),
  ],
  [
    'Trail of Bits',
    'a call before a right state dict',
    joined(p.call(p.global('builtins', 'exec'), shell), POP, p.stateDict({ a: p.tensor() })),
  ],
  [
    'Trail of Bits',
    'a call as an entry beside the weights',
    p.stateDict({ a: p.tensor(), hook: p.call(p.global('builtins', 'exec'), shell) }),
  ],
  [
    'PickleBall',
    'a known function with arguments that are no storage',
    p.call(p.global('torch._utils', '_rebuild_tensor_v2'), shell, shell, shell, shell, shell, shell),
  ],
  [
    'CVE-2025-32434',
    'a storage read from a file that the pickle names',
    joined(
      p.tuple(
        p.text('storage'),
        p.global('torch', 'FloatStorage'),
        p.text('../../etc/passwd'),
        p.text('cpu'),
        p.integer(6),
      ),
      p.BINPERSID,
    ),
  ],
];

const called = p.call(p.global('os', 'system'), shell);
const rightTensor = p.pickle(p.stateDict({ a: p.tensor() }));
const numbers = new Uint8Array(24);

function pt(attack: Partial<EntryClaim>, more: EntryClaim[] = []): Uint8Array {
  return zip({
    entries: [
      { name: 'net/data.pkl', data: p.pickle(called), ...attack },
      { name: 'net/data/0', data: numbers },
      ...more,
    ],
  });
}

/** Whole files, where the trick is in the container. */
const containers: [source: string, what: string, file: Uint8Array][] = [
  ['nullifAI', 'a 7z archive', joined([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c, 0, 4], p.pickle(called))],
  ['GHSA-jgw4-cr84-mqxg, JFrog', 'a bare pickle with the ending of a model', p.pickle(called)],
  ['JFrog, picklescan tests', 'a zip with a wrong CRC', pt({ crc: 1, localCrc: 1 })],
  ['picklescan tests', 'a zip that says it is encrypted', pt({ flags: 0x1 })],
  ['picklescan tests', 'a zip with patched data', pt({ flags: 0x20 })],
  ['picklescan tests', 'a zip with strong encryption', pt({ flags: 0x40 })],
  [
    'picklescan tests',
    'another name in the directory than before the data',
    pt({ localName: 'net/other.pk' }),
  ],
  [
    'picklescan tests',
    'a zip of another ending',
    zip({ entries: [{ name: 'data.txt', data: p.pickle(called) }] }),
  ],
  [
    'picklescan tests',
    'a pickle beside that of the zip',
    pt({ data: rightTensor }, [{ name: 'net/x/data.pkl', data: p.pickle(called) }]),
  ],
  [
    'picklescan tests',
    'a magic number that a call makes',
    joined(
      p.pickle(p.call(p.global('builtins', 'eval'), p.text('0x1950A86A20F9469CFC6C'))),
      p.pickle(called),
    ),
  ],
  [
    'Trail of Bits',
    'a second pickle behind the first',
    joined(p.legacyFile(p.stateDict({ a: p.tensor() })), p.pickle(called)),
  ],
  ['Trail of Bits', 'a zip behind a pickle', joined(p.pickle(called), pt({ data: rightTensor }))],
  ['CVE-2025-32434', 'the tar of the oldest PyTorch', tarOf('pickle', p.pickle(called))],
  [
    'picklescan tests',
    'a NumPy file of objects',
    joined(
      [0x93],
      ascii("NUMPY\u0001\u0000F\u0000{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".padEnd(78)),
      p.pickle(called),
    ),
  ],
];

const samples: [source: string, what: string, file: Uint8Array][] = [
  ...functions.flatMap(([source, module, name]): [string, string, Uint8Array][] => {
    const forms: [string, Uint8Array][] = [
      ['', p.call(p.global(module, name), shell)],
      [' by STACK_GLOBAL', joined(short(module), short(name), STACK_GLOBAL, p.tuple(shell), p.REDUCE)],
    ];
    return forms.flatMap(([how, object]) => inBoth(source, `${module}.${name}${how}`, object));
  }),
  ...streams.flatMap(([source, what, object]) => inBoth(source, what, object)),
  ...containers,
];

function inBoth(source: string, what: string, object: Uint8Array | number[]): [string, string, Uint8Array][] {
  return [
    [source, `${what}, legacy`, p.legacyFile(object)],
    [source, `${what}, zip`, pt({ data: p.pickle(object) })],
  ];
}

function tarOf(name: string, data: Uint8Array): Uint8Array {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write(`${data.length.toString(8).padStart(11, '0')} `, 124);
  header.write('ustar\u000000', 257, 'latin1');
  return joined(header, data, new Uint8Array(512 - (data.length % 512)), new Uint8Array(1024));
}

let refused = 0;
afterAll(() => {
  const sources = new Set(samples.map(([source]) => source)).size;
  figure(
    'public attack samples',
    `${refused} of ${samples.length} refused, of ${functions.length} functions, ${streams.length} streams and ` +
      `${containers.length} containers from ${sources} sources`,
  );
});

/** Refused with a typed error that names the file. */
async function requireRefusal(attempt: Promise<unknown>, file: string): Promise<void> {
  const error = await attempt.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(WorkbenchError);
  expect(error).toMatchObject({ kind: 'refused-file', where: expect.stringContaining(file) });
  expect(existsSync(join(testFolder(), MARKER)) || existsSync(MARKER)).toBe(false);
}

it.each(samples)('%s: %s is refused', async (_source, _what, bytes) => {
  const model = await written('sample.pt', bytes);
  await requireRefusal(openModel(model), model);
  const batch = await written('test_batch', bytes);
  await requireRefusal(readCifarPython([batch]), batch);
  refused++;
});
