// SPDX-FileCopyrightText: minova contributors
// SPDX-License-Identifier: Apache-2.0
//
// The calls of pkgcloud's compute client; `ok SUBJECT` for each subject.
//
// Usage: npm install pkgcloud@2.2.0; NODE_PATH=node_modules node pkgcloud_round.js
//
// Set OS_AUTH_URL, OS_USERNAME, OS_PASSWORD and OS_PROJECT_NAME.

const assert = require('assert');
const { promisify } = require('util');
const pkgcloud = require('pkgcloud');

const environment = process.env;
const compute = pkgcloud.compute.createClient({
  provider: 'openstack',
  authUrl: environment.OS_AUTH_URL.replace(/\/v3$/, ''),
  keystoneAuthVersion: 'v3',
  username: environment.OS_USERNAME,
  password: environment.OS_PASSWORD,
  tenantName: environment.OS_PROJECT_NAME,
  domainId: 'default',
  projectDomainId: 'default',
  region: 'RegionOne',
});
const ask = (method, ...values) => promisify(compute[method]).apply(compute, values);

async function until(server, status) {
  for (let tries = 0; tries < 300; tries += 1) {
    const shown = await ask('getServer', server);
    if (shown.status === status && !shown.openstack['OS-EXT-STS:task_state']) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${status} is not reached`);
}

async function round() {
  const flavor = (await ask('getFlavors')).find((each) => each.name === 'm1.nano');
  console.log('ok flavors');
  const image = (await ask('getImages')).find((each) => each.name === 'minova-tick');
  console.log('ok images');
  await ask('addKey', { name: 'pkgcloud' });
  assert((await ask('listKeys')).some((each) => each.keypair.name === 'pkgcloud'));
  await ask('destroyKey', 'pkgcloud');
  console.log('ok keys');
  const server = await ask('createServer', { name: 'pkgcloud', flavor, image });
  await until(server, 'RUNNING');
  assert((await ask('getServers')).some((each) => each.id === server.id));
  console.log('ok a server');
  await ask('stopServer', server);
  await until(server, 'STOPPED');
  await ask('startServer', server);
  await until(server, 'RUNNING');
  await ask('rebootServer', server, { type: 'HARD' });
  await until(server, 'RUNNING');
  console.log('ok its actions');
  await ask('destroyServer', server);
  for (let tries = 0; tries < 300; tries += 1) {
    if (!(await ask('getServers')).some((each) => each.id === server.id)) {
      console.log('ok its end');
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('it is still there');
}

round().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
