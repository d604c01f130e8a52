"""The demo: setups that learn, faults that break them, and the programs that `run.sh` trains."""
