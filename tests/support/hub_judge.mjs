// What the official client of the Hub makes of the stand-in: node hub_judge.mjs
// PACKAGE URL TOKEN REPO ...  It prints JSON: for each data set its commit, and for
// each file what listFiles, fileDownloadInfo and downloadFile say.
import { createHash } from "node:crypto";
import { pathToFileURL } from "node:url";

const [place, hubUrl, accessToken, ...names] = process.argv.slice(2);
const { datasetInfo, downloadFile, fileDownloadInfo, listFiles } =
	await import(pathToFileURL(place + "/dist/index.mjs"));

const refusal = async (ask) => {
	try {
		await ask();
		return null;
	} catch (error) {
		return { status: error.statusCode, message: error.message };
	}
};

const found = {};
for (const name of names) {
	const repo = { type: "dataset", name };
	const info = await datasetInfo({ name, hubUrl, accessToken,
		revision: "main", additionalFields: ["sha"] });
	const files = [];
	for await (const file of listFiles({ repo, hubUrl, accessToken,
		recursive: true, revision: info.sha })) {
		files.push(file);
	}
	const read = {};
	for (const { type, path } of files.filter((f) => f.type === "file")
		.slice(0, 8)) {
		const path_ = path.split("/").map(encodeURIComponent).join("/");
		const args = { repo, hubUrl, accessToken, path: path_,
			revision: info.sha };
		const { size, etag } = await fileDownloadInfo(args);
		const blob = await downloadFile(args);
		const body = Buffer.from(await blob.arrayBuffer());
		read[path] = { size, etag, bytes: body.length, sha256:
			createHash("sha256").update(body).digest("hex") };
	}
	found[name] = { sha: info.sha, files, read };
}
const absent = { type: "dataset", name: "nobody/nothing" };
const repo = { type: "dataset", name: names[0] };
const list = async (args) => {
	for await (const file of listFiles({ hubUrl, accessToken, ...args })) {
		return file;
	}
};
found.refused = {
	repo: await refusal(() => list({ repo: absent })),
	revision: await refusal(() => list({ repo, revision: "0".repeat(40) })),
	file: await fileDownloadInfo({ repo, hubUrl, accessToken,
		path: "data/none" }),
};
console.log(JSON.stringify(found));
