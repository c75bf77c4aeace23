-- All of one job: `Monitoring::job`; or lines of its log: `Monitoring::log`.
--
-- KEYS[1], ARGV[1]  see keys.lua
-- ARGV[2]           job
-- ARGV[3…5]         for the log: after which epoch and line of it, at most so many
-- Returns           nil where there is none, or
--                   {record, arguments apart, further fields and values, history, parents as fields
--                   and values, members of children}; of the log its lines

local id = ARGV[2]
local record = call('GET', key.job .. id)
if ARGV[3] then
  local epoch, line = tonumber(ARGV[3]), tonumber(ARGV[4])
  -- They stand in the order of epochs, then lines: halved until the first one after is found.
  local first, beyond = 0, call('LLEN', key.log .. id)
  while first < beyond do
    local middle = floor((first + beyond) / 2)
    local its_epoch, its_line = read('>I6I4', call('LINDEX', key.log .. id, middle), 8)
    if its_epoch > epoch or (its_epoch == epoch and its_line > line) then
      beyond = middle
    else
      first = middle + 1
    end
  end
  return call('LRANGE', key.log .. id, first, first + tonumber(ARGV[5]) - 1)
end
if not record then return false end
return {record, call('GET', key.arguments .. id) or '', call('HGETALL', key.extra .. id),
        call('LRANGE', key.history .. id, 0, -1), call('HGETALL', key.parents .. id),
        call('ZRANGE', key.children .. id, 0, -1)}
