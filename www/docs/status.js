/* Shows what /healthcheck answers.  Without this script, the page links to it. */
"use strict";

const MINUTE = 60, HOUR = 3600, DAY = 86400;

function age(seconds) {
	if (seconds < 2 * MINUTE)
		return seconds + " s ago";
	if (seconds < 2 * HOUR)
		return Math.floor(seconds / MINUTE) + " minutes ago";
	if (seconds < 2 * DAY)
		return Math.floor(seconds / HOUR) + " hours ago";
	return Math.floor(seconds / DAY) + " days ago";
}

/* Pairs of what and its value; undefined: not in the answer. */
function facts(health) {
	const chain = health.metagraph || {};
	const snapshot = chain.age_s === undefined ? undefined :
	    "block " + chain.block + ", " + age(chain.age_s);

	return [
		["Subnet", chain.netuid],
		["Registered hotkeys", chain.hotkeys_count],
		["Chain snapshot", snapshot],
		["Bucket", health.bucket],
		["Region", health.region],
		["Bucket index", health.index_age_s === undefined ? undefined :
		    age(health.index_age_s)],
		["The store answered", health.s3_fault]
	].filter((pair) => pair[1] !== undefined);
}

function show(kind, text) {
	const state = document.getElementById("state");

	state.className = kind;
	state.textContent = text;
}

function fill(pairs) {
	const list = document.getElementById("facts");

	for (const [name, value] of pairs) {
		const dt = document.createElement("dt");
		const dd = document.createElement("dd");

		dt.textContent = name;
		dd.textContent = String(value);
		list.append(dt, dd);
	}
	list.hidden = pairs.length === 0;
}

async function ask() {
	const answer = await fetch("healthcheck", { cache: "no-store" });
	const health = await answer.json();

	if (health.status === "ok")
		show("well", "All is well: grants are made.");
	else if (health.status === "degraded")
		show("degraded", "No grants are made now: " + health.reason);
	else
		show("down", "healthcheck answered " + answer.status);
	fill(facts(health));
}

ask().catch(() => show("down", "This service does not answer."));
