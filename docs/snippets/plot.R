# Rscript plot.R results/hub-sweep      writes plot.png to the current folder; needs readr and ggplot2
suppressPackageStartupMessages({
  library(readr)
  library(ggplot2)
})
data <- read_csv(file.path(commandArgs(trailingOnly = TRUE)[1], "replications.csv"), show_col_types = FALSE)

half <- function(x) qt(0.975, length(x) - 1) * sd(x) / sqrt(length(x))
interval <- function(x) data.frame(y = mean(x), ymin = mean(x) - half(x), ymax = mean(x) + half(x))

plot <- ggplot(data, aes(`group.client.count`)) +
  stat_summary(aes(y = gtnet_off_connector_calls_per_d, colour = "without GTNet"), fun.data = interval) +
  stat_summary(aes(y = connector_calls_per_d, colour = "with GTNet"), fun.data = interval) +
  labs(x = "clients", y = "connector calls per day", colour = NULL, caption = "mean and 95 % interval")
ggsave("plot.png", plot, width = 6, height = 4, dpi = 150)
