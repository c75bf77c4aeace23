-- Looks whose the prefix is, and makes it ours where it is nobody's.
--
-- The hash under the prefix holds `layout`, the version of what is described in keys.lua and
-- record.lua, and the numbers last given: `number` of creations, `step` of positions and claims,
-- `servers`, `audited` of the audit log, `row …` of each row; and `swept`, the hour in which old hours were last removed.
--
-- KEYS[1], ARGV[1]  see keys.lua
-- ARGV[2]           our version, or '0' to look only
-- ARGV[3]           '1' to find out whether the user may run what scripts run
-- Returns           the version found or written (a lower one is raised); 0 for none; -1 where the key is somebody else's; a
--                   text where the user may not run the commands that it names

-- A script that is refused a command half-way leaves half of what it writes. So all are tried before
-- there is anything to lose, on keys that nobody else has and that are gone afterwards.

local lacking = {}

local function try(commands)
  for _, command in ipairs(commands) do
    local answer = redis.pcall(unpack(command))
    if type(answer) == 'table' and answer.err then
      -- What else is wrong is said in its own words.
      if not string.find(answer.err, "can't run this command", 1, true) then call(unpack(command)) end
      lacking[#lacking + 1] = command[1]
    end
  end
end

local function rehearse()
  local text, hash, list = P .. ':try:text', P .. ':try:hash', P .. ':try:list'
  local set_name, sorted = P .. ':try:set', P .. ':try:sorted'
  try({{'DEL', text}, {'UNLINK', text, hash, list, set_name, sorted}})
  if #lacking > 0 then return end
  try({
    {'TIME'}, {'TYPE', text}, {'EXISTS', text}, {'PUBLISH', channel .. 'try', ''},
    {'SET', text, ''}, {'GET', text}, {'SETRANGE', text, 0, ''},
    {'MSET', text, ''}, {'MSETNX', text, ''}, {'MGET', text},
    {'HSET', hash, 'a', '1'}, {'HINCRBY', hash, 'a', 1}, {'HGET', hash, 'a'}, {'HMGET', hash, 'a'},
    {'HGETALL', hash}, {'HKEYS', hash}, {'HDEL', hash, 'a'},
    {'RPUSH', list, 'a'}, {'LLEN', list}, {'LINDEX', list, 0}, {'LRANGE', list, 0, 0},
    {'LTRIM', list, 0, 0},
    {'SADD', set_name, 'a'}, {'SMEMBERS', set_name}, {'SINTER', set_name, set_name},
    {'SREM', set_name, 'a'},
    {'ZADD', sorted, 1, 'a'}, {'ZCARD', sorted}, {'ZSCORE', sorted, 'a'}, {'ZRANGE', sorted, 0, 0},
    {'ZRANGEBYSCORE', sorted, 0, 0}, {'ZREVRANGEBYSCORE', sorted, 0, 0},
    {'ZRANGEBYLEX', sorted, '-', '+'},
    {'ZREMRANGEBYRANK', sorted, 1, 1}, {'ZREM', sorted, 'a'},
  })
  call('UNLINK', text, hash, list, set_name, sorted)
end

if ARGV[3] == '1' then rehearse() end
if #lacking > 0 then return concat(lacking, ', ') end
local kind = call('TYPE', P).ok
if kind == 'none' then
  if ARGV[2] == '0' then return 0 end
  call('HSET', P, 'layout', ARGV[2])
  return tonumber(ARGV[2])
end
if kind ~= 'hash' then return -1 end
local found, ours = tonumber(call('HGET', P, 'layout') or -1) or -1, tonumber(ARGV[2])
-- What an older version has stored is right in the newest one.
if found < 1 or found >= ours then return found end
call('HSET', P, 'layout', ours)
return ours
