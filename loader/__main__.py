import sys

from loader.run import main

sys.exit(main())
