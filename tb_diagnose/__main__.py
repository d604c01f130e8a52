"""`python -m tb_diagnose` is `tb-diagnose`."""

import sys

from tb_diagnose.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
