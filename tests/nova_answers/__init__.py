# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What a running Nova 34 answered to requests that cannot be, and these requests.

``answers.jsonl`` is made by ``record.py`` and played to minova by
``tests/functional/test_nova_answers.py``.
"""
