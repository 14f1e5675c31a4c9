/*
 * One source, three ways to join its kernels. Each kernel is a single work-item; a stream carries words from the
 * kernel that writes it to the one that reads it, in order.
 *
 *   DIALECT_INTEL   a stream is a channel of Intel's FPGA SDK for OpenCL: a FIFO on the chip. All kernels run at
 *                   once, each in a queue of its own.
 *   DIALECT_AMD     a stream is a pipe of AMD's Vitis flow (from its documentation; never compiled).
 *   DIALECT_ARRAYS  a stream is an array in global memory that holds the whole batch, on any OpenCL device. The
 *                   kernels run one after another.
 *
 *   STREAM(word, name, words)    declares a stream at file scope that holds so many words
 *   , STREAM_IN(word, name)      in a kernel's parameter list, last
 *   OPEN(name)                   at the start of a kernel's body, for each of its streams
 *   READ(x, name)  WRITE(name, x)
 *
 *   NO_DEPENDENCE(memory, steps) before a loop: no step reads what one of the last so many steps wrote to `memory`.
 *                 AMD's attribute (from its own examples; UG1393 has it as a pragma only) cannot say after how many,
 *                 so it is written where they are SHORTEST_WAY at least, more than a write takes
 *
 * A memory on the chip has rows, and a cycle reads or writes one row, all its columns, whatever their number:
 *
 *   MEMORY(type, bytes, name, rows, row, banks)
 *   COPIED(type, bytes, name, from, rows, row, banks)   the same, filled from the kernel's argument
 *
 * So each column must be a memory of its own, with one port to read and one to write; all column numbers in the
 * kernels are constants once their loops are unrolled. How the vendors are told:
 *
 *   Intel  numbanks(banks), bankwidth(bytes): neighbouring columns lie in neighbouring banks, as in the table of
 *          "Optimizing the Geometric Configuration of Local Memory Banks Based on Array Index" (683521 for the Pro
 *          Edition, 683176 for the Standard Edition). Banks are a power of two, so the rows are padded to `banks`
 *          columns; nothing touches the columns behind `row`. Only attributes of both editions are used.
 *   AMD    xcl_array_partition(complete, 2): the second dimension falls into memories (UG1393, OpenCL Attributes).
 *          An array of structures would not come apart, so there is none.
 *
 * REGISTERS is for what shifts or is read at many places in a cycle: Intel's `register`, AMD's partition of all
 * dimensions.
 *
 * On a board weights and tables lie on the chip (ON_CHIP), copied when a kernel starts; weights of a layer that is
 * STREAMED are read from the board's memory in the order in which they lie, again for each pixel. An emulator has
 * too little local memory for copies and reads all of them where they are.
 */
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define SINGLE __attribute__((reqd_work_group_size(1, 1, 1))) __kernel void

/* Loops that are copied, so that all their steps happen in one cycle. A processor gains nothing by it. */
#if !defined(UNROLLED)
#define UNROLL
#elif defined(DIALECT_AMD)
#define UNROLL __attribute__((opencl_unroll_hint))
#else
#define UNROLL _Pragma("unroll")
#endif

#if defined(DIALECT_INTEL)
#pragma OPENCL EXTENSION cl_intel_channels : enable
#define PIPELINE
#define PRAGMA_(text) _Pragma(#text)
#define PRAGMA(text) PRAGMA_(text)
#define NO_DEPENDENCE(memory, steps) PRAGMA(ivdep array(memory) safelen(steps))
#define SHORTEST_WAY 1
#define REGISTERS __attribute__((register))
#define IN_BANKS(banks, bytes) __attribute__((numbanks(banks), bankwidth(bytes), singlepump))
#define MEMORY_IN(space, type, bytes, name, rows, row, banks) \
  space type IN_BANKS(banks, bytes) name[rows][banks];
#define STREAM(word, name, words) channel word name __attribute__((depth(words)));
#define STREAM_IN(word, name)
#define STREAM_OUT(word, name)
#define OPEN(name)
#define READ(x, name) x = read_channel_intel(name)
#define WRITE(name, x) write_channel_intel(name, x)

#elif defined(DIALECT_AMD)
#define PIPELINE __attribute__((xcl_pipeline_loop(1)))
#define NO_DEPENDENCE(memory, steps) \
  __attribute__((xcl_dependence(variable = #memory, type = "inter", direction = "RAW", dependent = "false")))
#define SHORTEST_WAY 16
#define REGISTERS __attribute__((xcl_array_partition(complete, 0)))
#define MEMORY_IN(space, type, bytes, name, rows, row, banks) \
  space type name[rows][row] __attribute__((xcl_array_partition(complete, 2)));
#define STREAM(word, name, words) pipe word name __attribute__((xcl_reqd_pipe_depth(words)));
#define STREAM_IN(word, name)
#define STREAM_OUT(word, name)
#define OPEN(name)
#define READ(x, name) read_pipe_block(name, &x)
#define WRITE(name, x) write_pipe_block(name, &x)

#elif defined(DIALECT_ARRAYS)
#define PIPELINE
#define NO_DEPENDENCE(memory, steps)
#define SHORTEST_WAY 1
#define REGISTERS
#define MEMORY_IN(space, type, bytes, name, rows, row, banks) space type name[rows][row];
#define STREAM(word, name, words)
#define STREAM_IN(word, name) , __global const word* restrict name
#define STREAM_OUT(word, name) , __global word* restrict name
#define OPEN(name) size_t name##_at = 0;
#define READ(x, name) x = name[name##_at++]
#define WRITE(name, x) name[name##_at++] = x
#endif

/* What a layer writes, for tests: its activations as bytes, in the order in which they leave. */
#if defined(TAPPED)
#define TAP_PARAMETER , __global uchar* restrict tap
#define OPEN_TAP size_t tap_at = 0;
#define TAP(word, width) for (int p = 0; p < width; p++) tap[tap_at++] = word.v[p]
#else
#define TAP_PARAMETER
#define OPEN_TAP
#define TAP(word, width)
#endif

#define MEMORY(type, bytes, name, rows, row, banks) MEMORY_IN(, type, bytes, name, rows, row, banks)

/* A value a cycle. */
#define COPIED(type, bytes, name, from, rows, row, banks)                     \
  MEMORY_IN(__local, type, bytes, name, rows, row, banks)                     \
  PIPELINE for (int i = 0, r = 0, c = 0; i < (rows) * (row); i++) {           \
    name[r][c] = from[i];                                                     \
    r = c == (row)-1 ? r + 1 : r;                                             \
    c = c == (row)-1 ? 0 : c + 1;                                             \
  }
