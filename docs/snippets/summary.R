# Rscript summary.R results/hub-sweep      writes means.csv and difference.csv to the current folder
results <- commandArgs(trailingOnly = TRUE)[1]
data <- read.csv(file.path(results, "replications.csv"), check.names = FALSE)
parameters <- names(data)[seq_len(match("replication", names(data)) - 1)][-(1:2)]   # behind point and digest
measures <- names(data)[-seq_len(match("subject", names(data)))]

# Mean and 95 % interval of Student's t. NA is not known, and no zero.
estimate <- function(values) {
  values <- values[!is.na(values)]
  n <- length(values)
  half <- if (n > 1) qt(0.975, n - 1) * sd(values) / sqrt(n) else NA
  data.frame(mean = mean(values), standard_deviation = sd(values), replications = n,
             ci95_low = mean(values) - half, ci95_high = mean(values) + half)
}

# Every measure of every point and subject.
of_point <- function(rows) {
  known <- Filter(function(measure) any(!is.na(rows[[measure]])), measures)
  estimates <- do.call(rbind, lapply(known, function(measure) estimate(rows[[measure]])))
  cbind(rows[rep(1, length(known)), c("point", parameters, "subject"), drop = FALSE], measure = known, estimates, row.names = NULL)
}
key <- paste(data$point, data$subject)
means <- do.call(rbind, lapply(unname(split(data, factor(key, levels = unique(key)))), of_point))
write.csv(means, "means.csv", row.names = FALSE, na = "")
print(head(means))

# The last point against the first one. Replications with the same number have the same luck: join, then subtract.
measure <- "connector_calls_per_d"
network <- data[data$subject == "all", ]
points <- split(network, factor(network$point, levels = unique(network$point)))
pairs <- merge(points[[1]], points[[length(points)]], by = "replication", suffixes = c("_first", "_last"))
difference <- estimate(pairs[[paste0(measure, "_last")]] - pairs[[paste0(measure, "_first")]])
write.csv(difference, "difference.csv", row.names = FALSE, na = "")
print(difference)
