/* Swagger UI, with this service's own document and nothing from outside. */
"use strict";

/* What a part of a document is once each "$ref" in it is replaced by what it
   names.  within: the references that lead here. */
function resolved(spec, part, within) {
	if (part === null || typeof part !== "object")
		return part;
	if (Array.isArray(part))
		return part.map((each) => resolved(spec, each, within));
	const { $ref: name, ...rest } = part;

	if (typeof name === "string" && name.startsWith("#/") &&
	    !within.includes(name))
		return { ...resolved(spec, at(spec, name), [...within, name]),
		    ...resolved(spec, rest, within) };
	return Object.fromEntries(Object.entries(part).map(
	    ([key, value]) => [key, resolved(spec, value, within)]));
}

function at(spec, name) {
	return name.slice(2).split("/").reduce((part, key) =>
	    part[key.replace(/~1/g, "/").replace(/~0/g, "~")], spec);
}

/* Swagger UI's own resolver reads the whole document, in seconds, whenever an
   endpoint is opened.  Ours has no references to other documents. */
function quickly() {
	return { fn: { resolveSubtree: async (spec, path) => ({
		spec: resolved(spec, path.reduce((part, key) =>
		    part === undefined ? undefined : part[key], spec), []),
		errors: []
	}) } };
}

/* Swagger UI sends the default of a header, and half of a proof is refused. */
function unfill(parameters) {
	for (const each of Object.values(parameters)) {
		delete each.example;
		delete each.examples;
		delete each.schema.default;
	}
}

async function start() {
	const answer = await fetch("openapi.json", { cache: "no-cache" });

	if (!answer.ok)
		throw new Error("openapi.json: " + answer.status);
	const spec = await answer.json();

	/* Whatever host and folder it has, "Try it out" asks this service. */
	spec.servers = [{ url: new URL(".", location.href).href }];
	unfill(spec.components.parameters || {});
	SwaggerUIBundle({
		spec: spec,
		dom_id: "#api",
		layout: "BaseLayout",
		presets: [SwaggerUIBundle.presets.apis],
		plugins: [quickly],
		deepLinking: true,
		docExpansion: "list",
		defaultModelsExpandDepth: 0,
		validatorUrl: null
	});
}

start().catch((error) => {
	document.getElementById("api").textContent = error.message;
});

/* Over the text about proofs, to the first endpoint. */
document.getElementById("skip").addEventListener("click", (event) => {
	const first = document.querySelector(".opblock-summary-control");

	event.preventDefault();
	if (first !== null) {
		first.scrollIntoView({ block: "center" });
		first.focus();
	}
});

/* Its dark colours are those of a class. */
const dark = matchMedia("(prefers-color-scheme: dark)");

function colours() {
	document.documentElement.classList.toggle("dark-mode", dark.matches);
}

dark.addEventListener("change", colours);
colours();
