"""Writes scipy.json: `python make.py > scipy.json`, with NumPy and SciPy. Its first line tells their versions."""

import json
import sys

import numpy
import scipy
from scipy import stats

generator = numpy.random.default_rng(7)
samples = {
    "lognormal": generator.lognormal(0, 0.3, 41).round(6).tolist(),
    "even": generator.normal(10, 2, 60).round(6).tolist(),
    "outliers": [*generator.normal(5, 0.1, 30).round(6).tolist(), 9.0, 5.35, 1.0],
}


def bootstrap(values):
    interval = stats.bootstrap(
        (values,), numpy.median, n_resamples=20000, method="percentile", rng=1, vectorized=True
    ).confidence_interval
    return [interval.low, interval.high]


def tukey(values):
    first, third = numpy.quantile(values, [0.25, 0.75])
    span = third - first
    low, high = first - numpy.array([3, 1.5]) * span, third + numpy.array([3, 1.5]) * span
    v = numpy.array(values)
    return [
        int((v < low[0]).sum()),
        int(((v >= low[0]) & (v < low[1])).sum()),
        int(((v <= high[0]) & (v > high[1])).sum()),
        int((v > high[0]).sum()),
    ]


def wilson(right, total):
    interval = stats.binomtest(right, total).proportion_ci(method="wilson")
    return [interval.low, interval.high]


json.dump(
    {
        "made": f"NumPy {numpy.__version__}, SciPy {scipy.__version__}",
        "samples": samples,
        "quantiles": {
            name: [[p, float(numpy.quantile(values, p))] for p in (0, 0.1, 0.25, 0.5, 0.9, 0.99, 1)]
            for name, values in samples.items()
        },
        "medianIntervals": {name: bootstrap(values) for name, values in samples.items()},
        "outliers": {name: tukey(values) for name, values in samples.items()},
        "wilson": [[r, n, *wilson(r, n)] for r, n in ((9215, 10000), (0, 20), (20, 20), (1, 3), (9914, 10000))],
        "mcnemar": [
            [b, c, float(stats.binomtest(min(b, c), b + c).pvalue)]
            for b, c in ((10, 3), (49, 53), (0, 12), (7, 7), (300, 250), (1, 0))
        ],
    },
    sys.stdout,
    indent=1,
)
