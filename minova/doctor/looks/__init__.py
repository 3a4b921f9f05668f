# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A module for each subject that is looked at; each yields what it found."""
