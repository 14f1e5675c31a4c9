/**
 * A family of kernels: one way to run a plan on OpenCL devices (portable fp32, integer CPU kernels, ...).
 * The provider asks the families in order of preference (families.ts) and takes the first that can.
 */
import type { Model } from '../../../core/network/model';
import type { Plan } from '../../../core/network/plan';
import type { Precision } from '../../../core/network/precision';
import type { Buffer, Command, Context, Device, Program, Queue } from '../../../native';
import type { TuningReport } from '../device';

export interface NetworkRequest {
  readonly model: Model;
  /** `lower(model)`. */
  readonly plan: Plan;
  readonly precision: Precision;
  readonly batchSize: number;
}

/** What a family works with. The context and the queue belong to the provider. */
export interface Workshop {
  readonly context: Context;
  /** In order, with profiling; the recorded commands run on it too. Weights go up through it. */
  readonly queue: Queue;
  /**
   * Compiles OpenCL C, or loads the binary that an earlier process left in the disk cache. The caller releases
   * the program. Time, source hash and options of all programs of a preparation are recorded for the session.
   * @throws WorkbenchError `device-failed` with the build log
   */
  buildProgram(source: string, options: string): Promise<Program>;
}

export interface PreparedKernels {
  /** Which implementation runs, in words for a person and for a session: `portable fp32`. */
  readonly variant: string;
  /** Raw bytes of a batch, [batchSize][height][width][channels]; may be longer than that. */
  readonly input: Buffer;
  /** [batchSize][classes] floats; may be longer than that. */
  readonly logits: Buffer;
  /** From input to logits, in order: kernels only, their arguments set or brought along. */
  readonly commands: Command[];
  /**
   * The same commands from another input to other logits, as large, so that one batch may be computed while the next
   * is uploaded and the one before downloaded. Left out where a family cannot.
   */
  readonly commandsOn?: (input: Buffer, logits: Buffer) => Command[];
  /** A batch that takes longer has hung; left out where the host's own patience is enough. */
  readonly longestMs?: number;
  /** What each command computes, for a person: `conv2 + pool`. Where it is left out, the kernel's name stands. */
  readonly stepNames?: readonly string[];
  /** Gives back every buffer, kernel and program of the preparation. */
  release(): void;
}

export interface KernelFamily {
  readonly id: string;
  /** Precisions at which this device can run some binarized model. */
  precisions(device: Device): Precision[];
  /** Null where this device can run the network, else the reason, as a sentence for a person. */
  refusal(device: Device, request: NetworkRequest): string | null;
  /**
   * Builds kernels, packs and uploads weights, plans the memory. Called only where `refusal` gave null. Gives
   * back what it has acquired when it throws.
   */
  prepare(workshop: Workshop, request: NetworkRequest): Promise<PreparedKernels>;
  /**
   * Measures every implementation that this family chooses from; left out where there is no choice.
   * @param again measure even where all are known
   * @throws WorkbenchError `wrong-answer` where none gives the reference's answers
   */
  tune?(workshop: Workshop, request: NetworkRequest, again: boolean): Promise<TuningReport>;
}
