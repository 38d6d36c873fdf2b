import sys

from demo_company.run import main

sys.exit(main())
