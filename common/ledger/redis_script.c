#include <inttypes.h>
#include <stdio.h>

#include "ledger/engine.h"
#include "ledger/redis_script.h"

/* The 1 is the version of the stored data. */
#define PREFIX "foldergate:{1}:"

/* When a ledger is born, the clock of the machine and that of Redis may differ
   by this many ms. */
#define DIFFER_MS "10000"

#define TEXT(number) TEXT_OF(number)
#define TEXT_OF(number) #number

/* What a master that was replaced took, and the new one may lack, was signed
   less than this long after the new one was first used: LEDGER_AHEAD_MS, the
   second for which a look is valid, and what the machines' clocks differ. */
#define SURE_MS (LEDGER_AHEAD_MS + 5000)

/* Seven days, and one more because clocks differ. */
#define EXPIRE_S "691200"

/* ARGV: run_id, now, boot, signed, key, window, most to purge, free, replid,
   ahead; then name, limit and 1 if it is shared, for each counter.  The script
   formats numbers with %.0f, because Lua's default keeps only 14 digits. */
const char redis_script[] =
"local meta, replay, day = KEYS[1], KEYS[2], KEYS[3]\n"
"local run_id, key = ARGV[1], ARGV[5]\n"
"local now, boot = tonumber(ARGV[2]), tonumber(ARGV[3])\n"
"local free, replid, ahead = tonumber(ARGV[8]), ARGV[9], tonumber(ARGV[10])\n"
"local time = redis.call('TIME')\n"
"time = time[1] * 1000 + math.floor(time[2] / 1000)\n"
"\n"
/* Accept a number that HINCRBY accepts, if a double holds it and the next. */
"local function count(text)\n"
"	if not text then\n"
"		return 0\n"
"	end\n"
"	return #text <= 15 and tonumber(text:match('^[1-9]%d*$'))\n"
"end\n"
"\n"
/* A server that was restarted, or took over, may have lost the last changes.
   One wrong clock among many must not decide when that was. */
"local known = redis.call('HMGET', meta, 'run_id', 'floor', 'replid')\n"
"local floor = tonumber((known[2] or ARGV[2]):match('^-?%d+$'))\n"
"if not floor then\n"
"	return { 4 }\n"
"end\n"
"if known[1] ~= run_id or not known[2] or\n"
"    replid ~= '' and known[3] ~= replid then\n"
"	if math.abs(now - time) > " DIFFER_MS " then\n"
"		return { 5 }\n"
"	end\n"
"	floor = math.max(floor, now + ahead, time + ahead)\n"
"	redis.call('HSET', meta, 'run_id', run_id,\n"
"	    'floor', string.format('%.0f', floor))\n"
"	if replid ~= '' then\n"
"		redis.call('HSET', meta, 'replid', replid)\n"
"	end\n"
"end\n"
"\n"
"if key ~= '' then\n"
"	if floor > now + ahead + " TEXT(LEDGER_AHEAD_MS) " then\n"
"		return { 6 }\n"
"	end\n"
"	if tonumber(ARGV[4]) <= math.max(boot, floor) then\n"
"		return { ahead > 0 and floor > now and 7 or 1 }\n"
"	end\n"
"	if redis.call('ZSCORE', replay, key) then\n"
"		return { 2 }\n"
"	end\n"
"end\n"
"\n"
"local used, own = {}, nil\n"
"for i = 11, #ARGV, 3 do\n"
"	local n = count(redis.call('HGET', day, ARGV[i]))\n"
"	if not n then\n"
"		return { 4 }\n"
"	end\n"
"	own = own or n\n"
"	used[#used + 1] = n\n"
"end\n"
"local function counts(i)\n"
"	return ARGV[11 + 3 * i - 1] ~= '1' or own >= free\n"
"end\n"
"for i = 1, #used do\n"
"	if counts(i) and used[i] >= tonumber(ARGV[11 + 3 * i - 2]) then\n"
"		return { 3, i - 1 }\n"
"	end\n"
"end\n"
"\n"
/* Forget the oldest keys first, and raise the floor before that.  So the floor
   covers every forgotten key, wherever the script stops. */
"local cutoff = math.min(now, time) - tonumber(ARGV[6])\n"
"local old = math.min(tonumber(ARGV[7]), redis.call('ZCOUNT', replay,\n"
"    '-inf', string.format('(%.0f', cutoff)))\n"
"if old > 0 then\n"
"	local last = redis.call('ZRANGE', replay, old - 1, old - 1,\n"
"	    'WITHSCORES')\n"
"	floor = math.max(floor, tonumber(last[2]))\n"
"	redis.call('HSET', meta, 'floor', string.format('%.0f', floor))\n"
"	redis.call('ZREMRANGEBYRANK', replay, 0, old - 1)\n"
"end\n"
"\n"
"if key ~= '' then\n"
"	redis.call('ZADD', replay, ARGV[4], key)\n"
"end\n"
"local answer = { 0, 0 }\n"
"for i = 1, #used do\n"
"	if counts(i) then\n"
"		used[i] = redis.call('HINCRBY', day,\n"
"		    ARGV[11 + 3 * i - 3], 1)\n"
"	end\n"
"	answer[i + 2] = used[i]\n"
"end\n"
"if #used > 0 and redis.call('TTL', day) < 0 then\n"
"	redis.call('EXPIRE', day, " EXPIRE_S ")\n"
"end\n"
"return answer\n";

const char redis_script_undo[] =
"if ARGV[1] ~= '' then\n"
"	redis.call('ZREM', KEYS[1], ARGV[1])\n"
"end\n"
"for i = 2, #ARGV do\n"
"	local n = tonumber(redis.call('HGET', KEYS[2], ARGV[i]) or 0)\n"
"	if n and n > 1 then\n"
"		redis.call('HINCRBY', KEYS[2], ARGV[i], -1)\n"
"	else\n"
"		redis.call('HDEL', KEYS[2], ARGV[i])\n"
"	end\n"
"end\n"
"return 0\n";

void
redis_script_undo_args(struct redis_args *a, const char *day,
    const struct ledger_request *r, const struct ledger_result *was)
{
	const bool once = r->replay_key != NULL;
	size_t i;

	redis_args_int(a, 2);
	redis_args_str(a, PREFIX "replay");
	redis_args_str(a, day);
	redis_args_add(a, once ? r->replay_key : (const uint8_t *)"",
	    once ? LEDGER_KEY_LEN : 0);
	for (i = 0; i < r->counters; i++) {
		if (ledger_was_counted(r, was, i))
			redis_args_str(a, r->counter[i].name);
	}
}

void
redis_script_args(struct redis_args *a, const char *day, const char *run_id,
    const char *replid, const struct ledger_request *r)
{
	bool once = r->replay_key != NULL;
	size_t i;

	redis_args_int(a, 3);
	redis_args_str(a, PREFIX "meta");
	redis_args_str(a, PREFIX "replay");
	redis_args_str(a, day);

	redis_args_str(a, run_id);
	redis_args_int(a, r->now_ms);
	redis_args_int(a, r->boot_ms);
	redis_args_int(a, once ? r->signed_at_ms : 0);
	redis_args_add(a, once ? r->replay_key : (const uint8_t *)"",
	    once ? LEDGER_KEY_LEN : 0);
	redis_args_int(a, LEDGER_WINDOW_MS);
	redis_args_int(a, LEDGER_PURGE_MAX);
	redis_args_int(a, r->free);
	redis_args_str(a, replid);
	redis_args_int(a, replid[0] != '\0' ? SURE_MS : 0);
	for (i = 0; i < r->counters; i++) {
		redis_args_str(a, r->counter[i].name);
		redis_args_int(a, r->counter[i].limit);
		redis_args_int(a, r->counter[i].shared);
	}
}

void
redis_script_day(int64_t day, char key[REDIS_SCRIPT_DAY_MAX + 1])
{

	snprintf(key, REDIS_SCRIPT_DAY_MAX + 1, PREFIX "day:%" PRId64, day);
}
