// Runs Bluesky's own PLC directory, PDS and AppView in this process, on the loopback interface, until it is ended.
// Arguments: the folder of the Node.js packages, and the ports of the PLC directory, the PDS and the AppView.

const net = require("node:net");
const path = require("node:path");

const [packages, plcPort, pdsPort, bskyPort] = process.argv.slice(2);
const {TestNetwork} = require(path.join(packages, "node_modules/@atproto/dev-env"));

// The servers would listen on every interface.
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (port, ...others) {
    return listen.call(
        this,
        ...(typeof port === "number" ? [port, "127.0.0.1"] : [port]),
        ...others.filter((other) => typeof other !== "string")
    );
};

TestNetwork.create({
    plc: {port: Number(plcPort)},
    pds: {port: Number(pdsPort)},
    bsky: {port: Number(bskyPort)},
})
    .then(() => console.log("All servers are ready."))
    .catch((error) => {
        console.error(error);
        process.exit(1);
    });
