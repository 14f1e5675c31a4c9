/*
 * What the processor under this driver can do, asked of the processor itself.
 * Compiled only where the compiler takes x86 assembly; a build failure is the answer "nothing".
 */

/* words: cpuid leaf 7.0 ebx, ecx, edx; leaf 7.1 eax; xgetbv 0 (which registers the system saves) */
__kernel void probe(__global uint* words) {
  uint eax = 7, ebx, ecx = 0, edx;
  __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
  words[0] = ebx;
  words[1] = ecx;
  words[2] = edx;
  eax = 7;
  ecx = 1;
  __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
  words[3] = eax;
  __asm__ volatile("xgetbv" : "=a"(eax), "=d"(edx) : "c"(0));
  words[4] = eax;
}

/*
 * Linux keeps the 8 KiB of tile registers from a process until it asks: arch_prctl(ARCH_REQ_XCOMP_PERM,
 * XFEATURE_XTILEDATA), once, for all its threads. result: 0, or the negative error number.
 */
__kernel void requestTiles(__global int* result) {
  long status;
  __asm__ volatile("syscall"
                   : "=a"(status)
                   : "a"(158L), "D"(0x1023L), "S"(18L)
                   : "rcx", "r11", "memory");
  result[0] = (int)status;
}
