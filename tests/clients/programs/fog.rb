# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
#
# The calls of fog-openstack's compute service, by its models and its requests. Prints a
# line for each subject: "ok SUBJECT", or "failed SUBJECT: why". Environment:
# OS_AUTH_URL, OS_USERNAME, OS_PASSWORD, OS_PROJECT_NAME.

require 'fog/openstack'

$compute = Fog::OpenStack::Compute.new(
  openstack_auth_url: ENV.fetch('OS_AUTH_URL'),
  openstack_username: ENV.fetch('OS_USERNAME'),
  openstack_api_key: ENV.fetch('OS_PASSWORD'),
  openstack_project_name: ENV.fetch('OS_PROJECT_NAME'),
  openstack_domain_id: 'default'
)

def subject(name)
  yield
  puts "ok #{name}"
rescue StandardError => error
  puts "failed #{name}: #{error.class} #{error.message.tr("\n", ' ')[0, 600]}"
end

def expect(what, is)
  raise "#{is.inspect} is not #{what.inspect}" unless is == what
end

def image = $compute.images.find { |each| each.name == 'minova-tick' }
def flavor = $compute.flavors.find { |each| each.name == 'm1.nano' }
def host = $compute.hosts.all.find { |each| each.service_name == 'compute' }.host_name

def create(name, **options)
  server = $compute.servers.create(
    { name: name, image_ref: image.id, flavor_ref: flavor.id }.merge(options)
  )
  server.wait_for(60, 0.2) { ready? || raise(fault.to_s) if failed?; ready? }
  server
end

def reach(server, state)
  server.wait_for(60, 0.2) { self.state == state && os_ext_sts_task_state.nil? }
end

subject('flavors') do
  expect('m1.nano', $compute.flavors.get(flavor.id).name)
  made = $compute.flavors.create(name: 'fog', ram: 64, vcpus: 1, disk: 0, is_public: false)
  expect({ 'hw:cpu_policy' => 'shared' }, made.create_metadata('hw:cpu_policy' => 'shared').body['extra_specs'])
  expect('shared', made.metadata['hw:cpu_policy'])
  made.update_metadata('hw:cpu_policy', 'mixed')
  made.delete_metadata('hw:cpu_policy')
  $compute.add_flavor_access(made.id, 'demo')
  expect(1, $compute.list_tenants_with_flavor_access(made.id).body['flavor_access'].size)
  $compute.remove_flavor_access(made.id, 'demo')
  made.destroy
end

subject('images') do
  expect('ACTIVE', $compute.images.get(image.id).status)
  expect('minova-tick', $compute.get_image_details(image.id).body['image']['name'])
end

subject('keypairs') do
  key = $compute.key_pairs.create(name: 'fog')
  raise 'no private key' unless key.private_key.include?('PRIVATE KEY')

  expect(key.fingerprint, $compute.key_pairs.get('fog').fingerprint)
  expect('fog', $compute.get_key_pair('fog').body['keypair']['name'])
  key.destroy
end

subject('quotas and limits') do
  project = $compute.current_tenant['id']
  expect(10, $compute.get_quota_defaults(project).body['quota_set']['key_pairs'] / 10)
  before = $compute.get_quota(project).body['quota_set']['cores']
  expect(7, $compute.update_quota(project, 'cores' => 7).body['quota_set']['cores'])
  $compute.update_quota(project, 'cores' => before)
  raise 'no limits' unless $compute.get_limits.body['limits']['absolute']['maxTotalKeypairs'] == 100
end

subject('hosts, hypervisors, services, zones') do
  expect('(total)', $compute.hosts.get(host).details[0]['resource']['project'])
  hypervisor = $compute.list_hypervisors_detail.body['hypervisors'][0]
  expect(hypervisor['id'], $compute.get_hypervisor(hypervisor['id']).body['hypervisor']['id'])
  $compute.list_hypervisor_servers(hypervisor['hypervisor_hostname'])
  raise 'no count' unless $compute.get_hypervisor_statistics(nil).body['hypervisor_statistics']['count'] >= 1

  service = $compute.services.all.find { |each| each.binary == 'nova-compute' }
  service.disabled_reason = 'fog'
  service.disable_and_log_reason
  expect('fog', $compute.services.get(service.id).disabled_reason)
  service.enable
  expect(%w[nova], $compute.availability_zones.all.map(&:zoneName))
end

subject('aggregates') do
  near = $compute.aggregates.create(name: 'fog')
  near.update_metadata('ssd' => 'true')
  near.add_host(host)
  near = $compute.aggregates.get(near.id)
  expect([[host], { 'ssd' => 'true' }], [near.hosts, near.metadata])
  near.remove_host(host)
  near.name = 'renamed'
  near.save
  near.destroy
end

subject('server groups') do
  group = $compute.server_groups.create('fog', 'anti-affinity')
  server = create('member', os_scheduler_hints: { 'group' => group.id })
  expect([server.id], $compute.server_groups.get(group.id).members)
  server.destroy
  $compute.delete_server_group(group.id)
end

$server = nil
subject('a server') do
  $server = create('fog', metadata: { 'colour' => 'blue' }, user_data: 'some')
  expect('blue', $server.metadata.get('colour').value)
  $server.metadata.create(key: 'shape', value: 'round')
  $compute.delete_meta('servers', $server.id, 'shape')
  $compute.update_server($server.id, 'name' => 'renamed')
  expect('renamed', $server.reload.name)
  expect('m1.nano', $compute.flavors.get($server.flavor['id']).name)
  expect(%w[private], $server.addresses.keys)
  expect(1, $server.ip_addresses.size)
  expect([$server.id], $compute.servers.all(name: 'renamed').map(&:id))
  $compute.list_addresses($server.id)
  $compute.get_server_password($server.id)
  $compute.server_diagnostics($server.id)
  $server.console(5)
end

subject('its actions') do
  $server.pause
  reach($server, 'PAUSED')
  $server.start
  reach($server, 'ACTIVE')
  $server.suspend
  reach($server, 'SUSPENDED')
  $server.start
  reach($server, 'ACTIVE')
  $server.stop
  reach($server, 'SHUTOFF')
  $server.start
  reach($server, 'ACTIVE')
  $server.reboot('HARD')
  reach($server, 'ACTIVE')
  $compute.rescue_server($server.id)
  reach($server, 'RESCUE')
  $compute.server_action($server.id, 'unrescue' => nil)
  reach($server, 'ACTIVE')
  $compute.reset_server_state($server.id, 'error')
  reach($server, 'ERROR')
  $compute.reset_server_state($server.id, 'active')
end

subject('its rebuild and its resizes') do
  $server.rebuild(image.id, 'rebuilt')
  reach($server, 'ACTIVE')
  expect('rebuilt', $server.reload.name)
  larger = $compute.flavors.find { |each| each.name == 'm1.tiny' }
  $server.resize(larger.id)
  reach($server, 'VERIFY_RESIZE')
  $server.revert_resize
  reach($server, 'ACTIVE')
  expect(flavor.id, $server.flavor['id'])
  $server.resize(larger.id)
  reach($server, 'VERIFY_RESIZE')
  $server.confirm_resize
  reach($server, 'ACTIVE')
  expect(larger.id, $server.flavor['id'])
  $compute.update_server($server.id, 'name' => 'renamed')
end

subject('what was done to it') do
  done = $compute.server_actions($server.id).map { |each| each['action'] }
  expect('create', done.last)
end

subject('what was used') do
  project = $compute.current_tenant['id']
  from, to = Time.now - 86_400, Time.now + 86_400
  used = $compute.get_usage(project, from, to).body['tenant_usage']
  raise used.inspect unless used['server_usages'].any? { |each| each['name'] == 'renamed' }

  # fog appends a Z to the times for all projects, which Nova refuses.
  raise 'no project' if $compute.list_usages(nil, nil, true).body['tenant_usages'].empty?
end

subject('its end') do
  $server.destroy
  Fog.wait_for(60, 0.2) { $compute.servers.get($server.id).nil? }
end

subject('a server with files') do
  create('files', personality: [{ 'path' => '/etc/a', 'contents' => 'some' * 30 }]).destroy
end
