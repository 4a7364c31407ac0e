export const id = 267;
export const ids = [267];
export const modules = {

/***/ 267:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   createAppTokens: () => (/* binding */ createAppTokens)
/* harmony export */ });
/* harmony import */ var _octokit_auth_app__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(479);
/* harmony import */ var _octokit_request__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(561);
/* harmony import */ var _http_errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(729);
/* harmony import */ var _http_exchange_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(905);
/* harmony import */ var _http_headers_retry_after_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(236);
/* harmony import */ var _tokens_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(781);






/** A part of the time that a delivery has; a token is made once an hour. */
const tokenPolicy = {
    perTryMs: 2_000,
    totalMs: 4_000,
    retries: 1,
    firstDelayMs: 250,
    retryUnsafe: true,
};
/**
 * Tokens of a GitHub App: each is good for one repository and for dispatching only, and lives for an hour. They
 * are kept until a minute before they end.
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation
 */
function createAppTokens(options) {
    const { credentials, send, apiUrl, clock, random } = options;
    const http = (0,_http_exchange_js__WEBPACK_IMPORTED_MODULE_1__/* .withPolicy */ .h)({ send, policy: tokenPolicy, clock, random });
    const request = _octokit_request__WEBPACK_IMPORTED_MODULE_3__/* .request */ .E.defaults({
        baseUrl: apiUrl,
        headers: { 'user-agent': 'auto-retrain-relay' },
        request: { fetch: asFetch(http, clock) },
    });
    const auth = (0,_octokit_auth_app__WEBPACK_IMPORTED_MODULE_4__/* .createAppAuth */ .K)({ appId: credentials.appId, privateKey: credentials.privateKey, request });
    const installations = new Map();
    const stale = new Set();
    const findInstallation = async (owner, repo) => {
        const key = `${owner}/${repo}`;
        const known = installations.get(key);
        if (known !== undefined)
            return known;
        const { token } = await auth({ type: 'app' });
        const headers = { authorization: `bearer ${token}` };
        const { data } = await request('GET /repos/{owner}/{repo}/installation', { owner, repo, headers });
        installations.set(key, data.id);
        return data.id;
    };
    return {
        async get(repository) {
            const [owner = '', repo = ''] = repository.split('/');
            try {
                const { token } = await auth({
                    type: 'installation',
                    installationId: await findInstallation(owner, repo),
                    repositoryNames: [repo],
                    permissions: { contents: 'write' },
                    refresh: stale.delete(repository),
                });
                return token;
            }
            catch (cause) {
                installations.delete(repository);
                throw explain(cause, repository);
            }
        },
        forget(repository) {
            stale.add(repository);
            installations.delete(repository);
        },
    };
}
/**
 * Octokit wants a `fetch`; this one keeps its requests inside our policy and our way to send. It throws for the
 * answers whose meaning octokit does not hand on.
 */
function asFetch(http, clock) {
    return async (url, init) => {
        const { method, headers, body } = init;
        const answer = await http(url, { method, headers, ...(body !== undefined && { body }) });
        const { status, text } = answer;
        if ((0,_http_headers_retry_after_js__WEBPACK_IMPORTED_MODULE_5__/* .isRateLimited */ .Jz)(status, answer.headers, text)) {
            throw new _tokens_js__WEBPACK_IMPORTED_MODULE_2__/* .CredentialsError */ .l(`GitHub answered ${status}: the App's requests are used up for a while`, {
                final: false,
                retryAfterMs: (0,_http_headers_retry_after_js__WEBPACK_IMPORTED_MODULE_5__/* .retryAfterMs */ .Vs)(answer.headers, clock.now()),
            });
        }
        if (status >= 300 && status < 400) {
            const message = `GitHub answered ${status} when the App asked for a token: the repository was renamed or moved, ` +
                'set GITHUB_REPOSITORY (or the route) to its new name';
            throw new _tokens_js__WEBPACK_IMPORTED_MODULE_2__/* .CredentialsError */ .l(message, { final: true });
        }
        return new Response(text, { status, headers: { 'content-type': 'application/json' } });
    };
}
function explain(cause, repository) {
    const known = knownCause(cause);
    if (known instanceof _tokens_js__WEBPACK_IMPORTED_MODULE_2__/* .CredentialsError */ .l)
        return known;
    const status = cause instanceof Error && 'status' in cause && typeof cause.status === 'number' ? cause.status : null;
    const refusals = {
        401: 'GitHub does not know the App by this id and key: check GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY, and the clock',
        403: `the App may not make a token for ${repository}: its installation is suspended`,
        404: `the App is not installed on ${repository}: install it there`,
        422: `the App has no permission Contents: write on ${repository}: grant it, and accept it in the installation`,
    };
    const refusal = status === null ? undefined : refusals[status];
    if (refusal !== undefined)
        return new _tokens_js__WEBPACK_IMPORTED_MODULE_2__/* .CredentialsError */ .l(refusal, { final: true, cause });
    if (status === null && known === null) {
        const message = 'GITHUB_APP_PRIVATE_KEY cannot be used: give the .pem file as GitHub made it (on Workers as PKCS#8)';
        return new _tokens_js__WEBPACK_IMPORTED_MODULE_2__/* .CredentialsError */ .l(message, { final: true, cause });
    }
    const what = status === null || known !== null ? 'did not answer' : `answered ${status}`;
    return new _tokens_js__WEBPACK_IMPORTED_MODULE_2__/* .CredentialsError */ .l(`GitHub ${what} when the App asked for a token`, { final: false, cause });
}
/** Octokit wraps what its `fetch` throws into an error with status 500. */
function knownCause(error) {
    if (error instanceof _tokens_js__WEBPACK_IMPORTED_MODULE_2__/* .CredentialsError */ .l || error instanceof _http_errors_js__WEBPACK_IMPORTED_MODULE_0__/* .NoAnswerError */ .i)
        return error;
    return error instanceof Error ? knownCause(error.cause) : null;
}


/***/ })

};
