/**
 * Intel's .aocx: an ELF file whose sections `.acl.…` hold what `aoc` knows of the image. Names of the sections as
 * in lib/pkg_editor of Intel's open runtime (github.com/intel/fpga-runtime-for-opencl, BSD-3-Clause); that
 * runtime itself refuses an image without `.acl.board` and `.acl.autodiscovery`.
 *
 *   .acl.board           name of the board, as in its board package
 *   .acl.version         version of the compiler
 *   .acl.target          `fpga`, or what stands for the emulator or simulator
 *   .acl.autodiscovery   the kernels' interfaces: words between spaces, the names of kernels and channels among them
 *   .acl.quartus_report  the text of acl_quartus_report.txt
 */
import { shownName } from '../../core/fpga/image';
import { elfSections } from './elf';
import type { ImageContents } from './imageContents';
import { type ImageBytes, imageRefused } from './imageFile';
import { parseQuartusReport } from './quartusReport';

/** @throws WorkbenchError `refused-file` */
export async function readAocx(image: ImageBytes): Promise<ImageContents> {
  const sections = await elfSections(image);
  const text = async (name: string): Promise<string | null> => {
    const section = sections.find((each) => each.name === name);
    if (!section) return null;
    const bytes = await image.read(section.offset, section.size, `section ${name}`);
    return bytes.toString('utf8').replaceAll('\0', '').trim();
  };
  const board = await text('.acl.board');
  const interfaces = await text('.acl.autodiscovery');
  if (board === null || board === '') {
    throw imageRefused(
      image.file,
      'it is an ELF file without a section .acl.board, and so no FPGA image of Intel’s',
    );
  }
  if (interfaces === null || interfaces === '') {
    throw imageRefused(image.file, 'it has no section .acl.autodiscovery, which tells its kernels');
  }
  const target = await text('.acl.target');
  const emulated =
    (target !== null && target !== 'fpga') ||
    sections.some(({ name }) => /^\.acl\.(fast_)?emulator_object\./.test(name));
  const version = await text('.acl.version');
  const report = await text('.acl.quartus_report');
  const reported = parseQuartusReport(report ?? '');
  return {
    vendor: 'intel',
    target: emulated ? 'emulator' : 'board',
    board,
    sdkVersion: version === null ? null : shownName(version),
    names: new Set(interfaces.split(/\s+/)),
    ...reported,
  };
}
