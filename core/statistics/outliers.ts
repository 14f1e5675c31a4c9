import { quantile } from './percentiles';

/** Tukey's classes (Exploratory Data Analysis, 1977). Outliers are counted and shown, never dropped. */
export interface OutlierClasses {
  /** More than 3 interquartile ranges below the first quartile. */
  lowSevere: number;
  /** 1.5 to 3 interquartile ranges below. */
  lowMild: number;
  highMild: number;
  highSevere: number;
  total: number;
}

export function classifyOutliers(samples: ArrayLike<number>): OutlierClasses {
  const classes: OutlierClasses = { lowSevere: 0, lowMild: 0, highMild: 0, highSevere: 0, total: 0 };
  if (samples.length === 0) return classes;
  const q1 = quantile(samples, 0.25);
  const q3 = quantile(samples, 0.75);
  const range = q3 - q1;
  for (const value of Array.from(samples)) {
    if (value < q1 - 3 * range) classes.lowSevere++;
    else if (value < q1 - 1.5 * range) classes.lowMild++;
    else if (value > q3 + 3 * range) classes.highSevere++;
    else if (value > q3 + 1.5 * range) classes.highMild++;
  }
  classes.total = classes.lowSevere + classes.lowMild + classes.highMild + classes.highSevere;
  return classes;
}
