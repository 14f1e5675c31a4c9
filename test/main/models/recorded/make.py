"""Makes the recorded files of this folder: python make.py, with torch 2.13.0 and safetensors 0.8.0.

Element i of each tensor, in row-major order, is (i - 5) / 8, exact in every format, so the tests need no PyTorch.
"""
import collections
import os
import torch
from safetensors.torch import save_file

os.chdir(os.path.dirname(os.path.abspath(__file__)))


def numbers(*shape, dtype=torch.float32):
    count = torch.Size(shape).numel()
    return ((torch.arange(count) - 5) / 8).reshape(shape).to(dtype)


def strided(values, make):
    """A view with the given elements that is not contiguous: written through the view that `make` returns."""
    view = make()
    view.copy_(values)
    assert not view.is_contiguous()
    return view


state = collections.OrderedDict([
    ('module.float', numbers(3, 4)),
    ('module.half', numbers(3, 4, dtype=torch.float16)),
    ('module.double', numbers(3, 4, dtype=torch.float64)),
    ('module.bfloat16', numbers(3, 4, dtype=torch.bfloat16)),
    ('module.parameter', torch.nn.Parameter(numbers(3, 4))),
    ('module.transposed', strided(numbers(3, 4), lambda: torch.zeros(4, 3).t())),
    ('module.sliced', strided(numbers(3, 4), lambda: torch.zeros(9, 11)[2:8:2, 3:11:2])),
    ('module.channels_last', strided(numbers(2, 3, 4, 5), lambda: torch.zeros(2, 4, 5, 3).permute(0, 3, 1, 2))),
    ('module.scalar', torch.tensor(-0.625)),
    ('module.empty', torch.zeros(0, 3)),
    ('module.num_batches_tracked', torch.tensor(50)),
])
whole = numbers(6, 4)
state['module.first_half'], state['module.second_half'] = whole[:3], whole[3:]

torch.save(state, 'zip.pt')
torch.save(state, 'zip-protocol4.pt', pickle_protocol=4)
torch.save(state, 'legacy.pt', _use_new_zipfile_serialization=False)
torch.save({'epoch': 3, 'loss': 0.5, 'state_dict': state}, 'checkpoint.pt')
torch.save(torch.nn.DataParallel(torch.nn.Linear(2, 3)).state_dict(), 'metadata.pt')
torch.save(torch.nn.Linear(2, 3), 'whole-module.pt')
torch.jit.script(torch.nn.Linear(2, 3)).save('torchscript.pt')
save_file(
    {name[7:]: tensor.detach().clone(memory_format=torch.contiguous_format) for name, tensor in state.items()},
    'plain.safetensors',
    metadata={'format': 'pt'},
)
