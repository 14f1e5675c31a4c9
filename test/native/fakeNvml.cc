// Stands in for NVIDIA's management library: two GPUs, of which one is old and refuses half of the questions.
// With FAKE_NVML_INIT the library does not start, and its value is the code that it answers.
#include <cstdlib>
#include <cstring>

namespace {
constexpr int success = 0, invalidArgument = 2, notSupported = 3, notFound = 6;
int modern, old;  // their addresses are the handles
const char* const uuids[] = {"GPU-11111111-2222-3333-4444-555555555555", "GPU-old"};
}  // namespace

extern "C" {

int nvmlInit_v2() {
  const char* code = std::getenv("FAKE_NVML_INIT");
  return code != nullptr ? std::atoi(code) : success;
}

const char* nvmlErrorString(int code) { return code == 9 ? "Driver Not Loaded" : "Not Found"; }

int nvmlDeviceGetCount_v2(unsigned* count) {
  *count = 2;
  return success;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, void** device) {
  *device = index == 0 ? &modern : &old;
  return success;
}

int nvmlDeviceGetHandleByUUID(const char* uuid, void** device) {
  for (int i = 0; i < 2; ++i) {
    if (std::strcmp(uuid, uuids[i]) == 0) return nvmlDeviceGetHandleByIndex_v2(i, device);
  }
  return notFound;
}

int nvmlDeviceGetName(void* device, char* name, unsigned) {
  std::strcpy(name, device == &modern ? "NVIDIA H100 80GB HBM3" : "Tesla C2050");
  return success;
}

int nvmlDeviceGetUUID(void* device, char* uuid, unsigned) {
  std::strcpy(uuid, uuids[device == &modern ? 0 : 1]);
  return success;
}

struct PciInfo {
  char legacyAddress[16];
  unsigned domain, bus, device, pciDeviceId, pciSubSystemId;
  char address[32];
};
int nvmlDeviceGetPciInfo_v3(void* device, PciInfo* info) {
  std::strcpy(info->legacyAddress, "wrong");
  std::strcpy(info->address, device == &modern ? "00000000:3B:00.0" : "00000000:AF:00.0");
  return success;
}

int nvmlDeviceGetPowerUsage(void* device, unsigned* milliwatts) {
  *milliwatts = device == &modern ? 350500 : 98250;
  return success;
}

int nvmlDeviceGetTotalEnergyConsumption(void* device, unsigned long long* millijoules) {
  *millijoules = 9007199254740;  // more than 32 bits hold
  return device == &modern ? success : notSupported;
}

struct FieldValue {
  unsigned fieldId, scopeId;
  long long timestamp, latencyUs;
  int valueType, code;
  union {
    double asDouble;
    unsigned asUnsigned;
  } value;
};
int nvmlDeviceGetFieldValues(void* device, int count, FieldValue* fields) {
  if (count < 1) return invalidArgument;
  if (device == &old) return notSupported;
  for (int i = 0; i < count; ++i) {
    fields[i].code = fields[i].fieldId == 186 ? success : notSupported;
    fields[i].valueType = 1;
    fields[i].value.asUnsigned = 401250;
  }
  return success;
}

int nvmlDeviceGetClockInfo(void* device, int type, unsigned* mhz) {
  *mhz = type == 0 ? 1980 : 2619;
  return device == &modern ? success : notSupported;
}

int nvmlDeviceGetTemperature(void*, int sensor, unsigned* celsius) {
  *celsius = 61;
  return sensor == 0 ? success : invalidArgument;
}
}
