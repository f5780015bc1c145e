# Writes judge-mann-whitney.json: Rscript tests/vectors/judge-mann-whitney.R > tests/vectors/judge-mann-whitney.json
# Base R only. Made with R 4.2.2. The interval is wilcox.test's own; the estimate is the root of its statistic with the
# continuity correction left in, which wilcox.test takes out for the estimate.
set.seed(20170501)

statistic <- function(x, y, shift) {
  r <- rank(c(x - shift, y))
  m <- length(x)
  n <- length(y)
  ties <- table(r)
  dz <- sum(r[seq_along(x)]) - m * (m + 1) / 2 - m * n / 2
  sigma <- sqrt((m * n / 12) * ((m + n + 1) - sum(ties^3 - ties) / ((m + n) * (m + n - 1))))
  (dz - sign(dz) * 0.5) / sigma
}

estimate <- function(x, y) {
  low <- min(x) - max(y)
  high <- max(x) - min(y)
  uniroot(function(d) statistic(x, y, d), c(low, high), tol = 1e-4)$root
}

# Fences of the outlier detector: quartiles of type 7, never inside the 1st and 99th percentile.
kept <- function(x, factor) {
  q <- quantile(x, c(0.01, 0.25, 0.75, 0.99), type = 7, names = FALSE)
  reach <- factor * (q[3] - q[2])
  x[x >= min(q[1], q[2] - reach) & x <= max(q[4], q[3] + reach)]
}

# The shortest of the two that reads back as the same number.
number <- function(v) {
  short <- sprintf("%.15g", v)
  ifelse(as.numeric(short) == v, short, sprintf("%.17g", v))
}
list_of <- function(v) paste0("[", paste(number(v), collapse = ","), "]")

one <- function(what, x, y) {
  test <- suppressWarnings(wilcox.test(x, y, exact = FALSE, correct = TRUE, conf.int = TRUE, conf.level = 0.98))
  cles <- unname(test$statistic) / (length(x) * length(y))
  sprintf(
    '  {"what": "%s", "canary": %s, "stable": %s,\n   "lower": %s, "upper": %s, "estimate": %s, "score": %s, "cles": %s, "canaryKept": %s}',
    what, list_of(x), list_of(y), number(test$conf.int[1]), number(test$conf.int[2]), number(estimate(x, y)),
    number(statistic(x, y, 0)), number(cles), list_of(sort(kept(x, 3)))
  )
}

cases <- c(
  one("few values, far apart", c(20, 22, 21, 25, 30), c(1, 2.2, 1.1, 2.5, 3)),
  one("one value against many", 7, c(1, 2, 3, 4, 5, 6)),
  one("zeros with a few errors", c(rep(0, 24), 1.6, 3.7, 1.5, 3.3, 1.8, 1.9), c(rep(0, 28), 1.5, 1.4)),
  one("a wild outlier", c(round(rnorm(29, 100, 3), 1), 900), round(rnorm(30, 100, 3), 1)),
  one("a trillion", 1e12 + round(runif(20, 0, 1e9)), 1e12 + round(runif(20, 0, 1e9))),
  one("fractions smaller than the tolerance", signif(runif(30, 0, 5e-5), 4), signif(runif(30, 0, 3e-5), 4))
)
for (n in c(5, 10, 30, 60, 180)) {
  m <- max(3, round(n / 2))
  cases <- c(
    cases,
    one(sprintf("milliseconds, %d each", n), round(rlnorm(n, 5, 0.3), 1), round(rlnorm(n, 5, 0.3), 1)),
    one(sprintf("slower by half, %d each", n), round(rlnorm(n, 5.4, 0.3), 1), round(rlnorm(n, 5, 0.3), 1)),
    one(sprintf("percent from counts, %d each", n), round(rpois(n, 3) / 3, 2), round(rpois(n, 27) / 27, 2)),
    one(sprintf("small whole numbers, %d against %d", n, m), rpois(n, 2), rpois(m, 3)),
    one(sprintf("below zero, %d against %d", m, n), round(rnorm(m, -5, 2), 2), round(rnorm(n, 5, 9), 2))
  )
}
cat("[\n", paste(cases, collapse = ",\n"), "\n]\n", sep = "")
