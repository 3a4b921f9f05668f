# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Wrong requests, and the answers of a running Nova 34 to them.

``record.py`` writes ``answers.jsonl``, and ``tests/functional/test_nova_answers.py``
sends the same requests to minova.
"""
