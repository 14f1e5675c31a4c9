#include "nvml.h"

#include <cstdint>
#include <mutex>
#include <string>

#include "values.h"

#if defined(_WIN32)
#define NOMINMAX
#include <windows.h>
#else
#include <dlfcn.h>
#endif

namespace bnnw {
namespace {

// What is used of NVML, declared here after its documented binary interface: no header of NVIDIA's is needed.

using Device = void*;
using Code = int;
constexpr Code success = 0;
constexpr Code libraryNotFound = 12;  // NVML_ERROR_LIBRARY_NOT_FOUND

struct PciInfo {
  char legacyAddress[16];
  unsigned domain, bus, device, pciDeviceId, pciSubSystemId;
  char address[32];
};

struct FieldValue {
  unsigned fieldId, scopeId;
  long long timestamp, latencyUs;
  int valueType;
  Code code;
  union {
    double asDouble;
    unsigned asUnsigned;
    unsigned long asUnsignedLong;
    unsigned long long asUnsignedLongLong;
    long long asLongLong;
  } value;
};
constexpr unsigned fieldAveragePower = 185, fieldInstantPower = 186;  // milliwatts
constexpr int typeUnsigned = 1;
constexpr int clockGraphics = 0, clockMemory = 2, sensorGpu = 0;
constexpr unsigned nameBytes = 96;

struct Nvml {
  Code (*init)();
  const char* (*errorString)(Code);
  Code (*deviceCount)(unsigned*);
  Code (*deviceByIndex)(unsigned, Device*);
  Code (*deviceByUuid)(const char*, Device*);
  Code (*name)(Device, char*, unsigned);
  Code (*uuid)(Device, char*, unsigned);
  Code (*pciInfo)(Device, PciInfo*);
  // Null where the library is too old to have them.
  Code (*powerUsage)(Device, unsigned*);
  Code (*totalEnergy)(Device, unsigned long long*);
  Code (*fieldValues)(Device, int, FieldValue*);
  Code (*clock)(Device, int, unsigned*);
  Code (*temperature)(Device, int, unsigned*);
};

#if defined(_WIN32)
const char* const libraryName = "nvml.dll";
using Library = HMODULE;
// From the system's folder only, which is where the driver puts it.
Library open() { return LoadLibraryExA(libraryName, nullptr, LOAD_LIBRARY_SEARCH_SYSTEM32); }
void* find(Library library, const char* name) {
  return reinterpret_cast<void*>(GetProcAddress(library, name));
}
#else
const char* const libraryName = "libnvidia-ml.so.1";
using Library = void*;
Library open() { return dlopen(libraryName, RTLD_NOW | RTLD_LOCAL); }
void* find(Library library, const char* name) { return dlsym(library, name); }
#endif

struct Failed {
  const char* call;
  Code code;
  std::string text;
};

template <typename Function>
void findOptional(Library library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(find(library, name));
}

template <typename Function>
void findNeeded(Library library, const char* name, Function& function) {
  findOptional(library, name, function);
  if (function == nullptr) throw Failed{"dlsym", libraryNotFound, std::string(libraryName) + " lacks " + name};
}

Nvml load() {
  const Library library = open();
  if (library == nullptr) throw Failed{"dlopen", libraryNotFound, std::string(libraryName) + " is not here"};
  Nvml nvml;
  findNeeded(library, "nvmlInit_v2", nvml.init);
  findNeeded(library, "nvmlErrorString", nvml.errorString);
  findNeeded(library, "nvmlDeviceGetCount_v2", nvml.deviceCount);
  findNeeded(library, "nvmlDeviceGetHandleByIndex_v2", nvml.deviceByIndex);
  findNeeded(library, "nvmlDeviceGetHandleByUUID", nvml.deviceByUuid);
  findNeeded(library, "nvmlDeviceGetName", nvml.name);
  findNeeded(library, "nvmlDeviceGetUUID", nvml.uuid);
  findNeeded(library, "nvmlDeviceGetPciInfo_v3", nvml.pciInfo);
  findOptional(library, "nvmlDeviceGetPowerUsage", nvml.powerUsage);
  findOptional(library, "nvmlDeviceGetTotalEnergyConsumption", nvml.totalEnergy);
  findOptional(library, "nvmlDeviceGetFieldValues", nvml.fieldValues);
  findOptional(library, "nvmlDeviceGetClockInfo", nvml.clock);
  findOptional(library, "nvmlDeviceGetTemperature", nvml.temperature);
  const Code code = nvml.init();
  if (code != success) throw Failed{"nvmlInit_v2", code, nvml.errorString(code)};
  return nvml;
}

/// Opened at the first call that finds it. Never closed: the driver's state is one for the process.
const Nvml& nvmlOrThrow() {
  static std::mutex mutex;
  static const Nvml* opened = nullptr;
  const std::lock_guard<std::mutex> lock(mutex);
  if (opened == nullptr) opened = new Nvml(load());
  return *opened;
}

void check(const Nvml& nvml, Code code, const char* call) {
  if (code != success) throw Failed{call, code, nvml.errorString(code)};
}

Napi::Error toJavaScript(Napi::Env env, const Failed& failed) {
  Napi::Error error =
      Napi::Error::New(env, std::string(failed.call) + ": " + failed.text + " (" + std::to_string(failed.code) + ")");
  error.Value().Set("name", "NvmlError");
  error.Value().Set("call", failed.call);
  error.Value().Set("code", failed.code);
  return error;
}

Napi::Value numberOrNull(Napi::Env env, bool known, double value) {
  return known ? Napi::Number::New(env, value) : env.Null();
}

/// Reads one number with a function that the library may lack and the GPU may refuse.
template <typename Number, typename Call, typename... Choice>
Napi::Value reading(Napi::Env env, Call call, Device device, double unit, Choice... choice) {
  Number value = 0;
  const bool known = call != nullptr && call(device, choice..., &value) == success;
  return numberOrNull(env, known, static_cast<double>(value) * unit);
}

Napi::Value fieldWatts(Napi::Env env, const Nvml& nvml, Device device, unsigned id) {
  FieldValue field{};
  field.fieldId = id;
  const bool known = nvml.fieldValues != nullptr && nvml.fieldValues(device, 1, &field) == success &&
                     field.code == success && field.valueType == typeUnsigned;
  return numberOrNull(env, known, field.value.asUnsigned * 1e-3);
}

Napi::Object describe(Napi::Env env, const Nvml& nvml, Device device) {
  char name[nameBytes] = {};
  char uuid[nameBytes] = {};
  PciInfo pci{};
  check(nvml, nvml.name(device, name, nameBytes), "nvmlDeviceGetName");
  check(nvml, nvml.uuid(device, uuid, nameBytes), "nvmlDeviceGetUUID");
  check(nvml, nvml.pciInfo(device, &pci), "nvmlDeviceGetPciInfo_v3");
  Napi::Object description = Napi::Object::New(env);
  description.Set("name", name);
  description.Set("uuid", uuid);
  description.Set("pciAddress", pci.address);
  return description;
}

Napi::Value devices(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  try {
    const Nvml& nvml = nvmlOrThrow();
    unsigned count = 0;
    check(nvml, nvml.deviceCount(&count), "nvmlDeviceGetCount_v2");
    Napi::Array list = Napi::Array::New(env);
    for (unsigned i = 0; i < count; ++i) {
      Device device = nullptr;
      // A GPU that this process may not use is none of ours.
      if (nvml.deviceByIndex(i, &device) != success) continue;
      list.Set(list.Length(), describe(env, nvml, device));
    }
    return list;
  } catch (const Failed& failed) {
    throw toJavaScript(env, failed);
  }
}

/// One reading by its JavaScript name. Each call into the driver takes up to milliseconds, so no other is made.
Napi::Value readingNamed(Napi::Env env, const Nvml& nvml, Device device, const std::string& name) {
  if (name == "powerW") return reading<unsigned>(env, nvml.powerUsage, device, 1e-3);
  if (name == "instantW") return fieldWatts(env, nvml, device, fieldInstantPower);
  if (name == "averageW") return fieldWatts(env, nvml, device, fieldAveragePower);
  if (name == "energyJ") return reading<unsigned long long>(env, nvml.totalEnergy, device, 1e-3);
  if (name == "graphicsClockMhz") return reading<unsigned>(env, nvml.clock, device, 1, clockGraphics);
  if (name == "memoryClockMhz") return reading<unsigned>(env, nvml.clock, device, 1, clockMemory);
  if (name == "temperatureC") return reading<unsigned>(env, nvml.temperature, device, 1, sensorGpu);
  throw Napi::RangeError::New(env, "there is no reading " + name);
}

Napi::Value readOne(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string uuid = readString(info[0], "uuid");
  const std::string name = readString(info[1], "name");
  try {
    const Nvml& nvml = nvmlOrThrow();
    Device device = nullptr;
    check(nvml, nvml.deviceByUuid(uuid.c_str(), &device), "nvmlDeviceGetHandleByUUID");
    return readingNamed(env, nvml, device, name);
  } catch (const Failed& failed) {
    throw toJavaScript(env, failed);
  }
}

}  // namespace

void defineNvml(Napi::Env env, Napi::Object exports) {
  exports.Set("nvmlDevices", Napi::Function::New<devices>(env, "nvmlDevices"));
  exports.Set("nvmlReading", Napi::Function::New<readOne>(env, "nvmlReading"));
}

}  // namespace bnnw
