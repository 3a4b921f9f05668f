# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What a server would have of Neutron and Cinder: as in a Nova without them."""
