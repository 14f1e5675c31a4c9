#include "loader.h"

#include <cstdlib>
#include <mutex>
#include <vector>

#include "errors.h"

#if defined(_WIN32)
#define NOMINMAX
#include <windows.h>
#else
#include <dlfcn.h>
#endif

namespace bnnw {
namespace {

struct Loader {
  OpenCl functions;
  std::string path;
};

#if defined(_WIN32)

using Library = HMODULE;
const char* const systemNames[] = {"OpenCL.dll"};

Library open(const char* name, std::string& why) {
  Library library = LoadLibraryA(name);
  if (library == nullptr) why = std::string(name) + ": error " + std::to_string(GetLastError());
  return library;
}
void* find(Library library, const char* symbol) {
  return reinterpret_cast<void*>(GetProcAddress(library, symbol));
}
void close(Library library) { FreeLibrary(library); }
std::string pathOf(Library library, const char* name) {
  char path[MAX_PATH];
  const DWORD length = GetModuleFileNameA(library, path, MAX_PATH);
  return length > 0 && length < MAX_PATH ? std::string(path, length) : std::string(name);
}

#else

using Library = void*;
#if defined(__APPLE__)
const char* const systemNames[] = {"/System/Library/Frameworks/OpenCL.framework/OpenCL"};
#else
const char* const systemNames[] = {"libOpenCL.so.1", "libOpenCL.so"};
#endif

Library open(const char* name, std::string& why) {
  Library library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* reason = dlerror();
    why = reason != nullptr ? reason : name;
  }
  return library;
}
void* find(Library library, const char* symbol) { return dlsym(library, symbol); }
void close(Library library) { dlclose(library); }
std::string pathOf(Library library, const char* name) {
  Dl_info found;
  void* symbol = find(library, "clGetPlatformIDs");
  return symbol != nullptr && dladdr(symbol, &found) != 0 && found.dli_fname != nullptr ? found.dli_fname
                                                                                        : name;
}

#endif

/// The name of the first function that the library lacks, or null.
const char* fill(OpenCl& functions, Library library) {
#define BNNW_CL_FIND(name, result, parameters)                                               \
  functions.name = reinterpret_cast<result(BNNW_CL_CALL*) parameters>(find(library, #name)); \
  if (functions.name == nullptr) return #name;
  BNNW_CL_FUNCTIONS(BNNW_CL_FIND)
#undef BNNW_CL_FIND
  return nullptr;
}

Loader* tryToOpen(const char* name, std::string& reasons) {
  std::string why;
  Library library = open(name, why);
  if (library != nullptr) {
    Loader loader;
    const char* missing = fill(loader.functions, library);
    if (missing == nullptr) {
      loader.path = pathOf(library, name);
      return new Loader(loader);
    }
    why = std::string(name) + ": lacks " + missing;
    close(library);
  }
  reasons += (reasons.empty() ? "" : "; ") + why;
  return nullptr;
}

std::mutex mutex;
Loader* opened = nullptr;  // never freed: see loadOpenCl()

const Loader& loaderOrThrow() {
  const std::lock_guard<std::mutex> lock(mutex);
  if (opened != nullptr) return *opened;
  std::string reasons;
  const char* chosen = std::getenv("BNNW_OPENCL_LOADER");
  if (chosen != nullptr && *chosen != '\0') opened = tryToOpen(chosen, reasons);
  for (const char* name : systemNames) {
    if (opened == nullptr) opened = tryToOpen(name, reasons);
  }
  if (opened == nullptr) throw Failure("dlopen", CL_PLATFORM_NOT_FOUND_KHR, reasons);
  return *opened;
}

}  // namespace

const OpenCl& loadOpenCl() { return loaderOrThrow().functions; }

const OpenCl& openCl() { return opened->functions; }

const std::string& loaderPath() { return loaderOrThrow().path; }

}  // namespace bnnw
