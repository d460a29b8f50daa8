"""What every experiment is made of: knobs, schedule, run loop, prediction, verdicts, file."""
